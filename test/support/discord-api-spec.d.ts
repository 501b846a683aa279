/** The package names a file of plain JavaScript as the types of its schemas. */
declare module 'discord-api-spec/zod' {
  import type { z } from 'zod';

  export const BotAddGuildMemberRequestSchema: z.core.$ZodType;
  export const ErrorResponseSchema: z.core.$ZodType;
  export const GuildBanResponseSchema: z.core.$ZodType;
  export const GuildChannelResponseSchema: z.core.$ZodType;
  export const GuildMemberResponseSchema: z.core.$ZodType;
  export const GuildResponseSchema: z.core.$ZodType;
  export const GuildRoleResponseSchema: z.core.$ZodType;
  export const GuildWithCountsResponseSchema: z.core.$ZodType;
  export const MessageCreateRequestSchema: z.core.$ZodType;
  export const MessageResponseSchema: z.core.$ZodType;
  export const MyGuildResponseSchema: z.core.$ZodType;
  export const RatelimitedResponseSchema: z.core.$ZodType;
  export const UserPIIResponseSchema: z.core.$ZodType;
  export const UserResponseSchema: z.core.$ZodType;
}
