import * as discord from 'discord-api-spec/zod';
import { z } from 'zod';
import type { Exchange } from '../../src/sandbox/exchange.ts';

interface Contract {
  body?: z.core.$ZodType;
  query?: readonly string[];
  /** By status; a status without a body is null. */
  answers: Record<number, z.core.$ZodType | null>;
}

const reading = (schema: z.core.$ZodType, query: readonly string[] = []): Contract => ({
  query,
  answers: { 200: schema },
});
const NOTHING: Contract = { answers: { 204: null } };

/** Discord's published schemas, by the routes that Boon may use. */
const CONTRACTS: Record<string, Contract> = {
  'GET /users/@me': reading(discord.UserPIIResponseSchema),
  'GET /users/@me/guilds': reading(z.array(discord.MyGuildResponseSchema), ['before', 'after', 'limit', 'with_counts']),
  'GET /users/{user_id}': reading(discord.UserResponseSchema),
  'GET /guilds/{guild_id}': reading(z.union([discord.GuildWithCountsResponseSchema, discord.GuildResponseSchema]), [
    'with_counts',
  ]),
  'GET /guilds/{guild_id}/roles': reading(z.array(discord.GuildRoleResponseSchema)),
  'GET /guilds/{guild_id}/channels': reading(z.array(discord.GuildChannelResponseSchema)),
  'GET /guilds/{guild_id}/members': reading(z.array(discord.GuildMemberResponseSchema), ['limit', 'after']),
  'GET /guilds/{guild_id}/members/{user_id}': reading(discord.GuildMemberResponseSchema),
  'PUT /guilds/{guild_id}/members/{user_id}': {
    body: discord.BotAddGuildMemberRequestSchema,
    answers: { 201: discord.GuildMemberResponseSchema, 204: null },
  },
  'PATCH /guilds/{guild_id}/members/{user_id}': {
    body: z.looseObject({ roles: z.array(z.string()).nullish() }),
    answers: { 200: discord.GuildMemberResponseSchema, 204: null },
  },
  'DELETE /guilds/{guild_id}/members/{user_id}': NOTHING,
  'PUT /guilds/{guild_id}/members/{user_id}/roles/{role_id}': NOTHING,
  'DELETE /guilds/{guild_id}/members/{user_id}/roles/{role_id}': NOTHING,
  'GET /guilds/{guild_id}/bans/{user_id}': reading(discord.GuildBanResponseSchema),
  'GET /channels/{channel_id}': reading(discord.GuildChannelResponseSchema),
  'POST /channels/{channel_id}/messages': {
    body: discord.MessageCreateRequestSchema,
    answers: { 200: discord.MessageResponseSchema },
  },
};

/** OAuth is described in prose only. */
const ELSEWHERE = /^(GET|POST) \/oauth2\/(authorize|token|token\/revoke)$/;

/** What of one call and its answer is not as Discord publishes its API; empty when all of it is. */
export function checkDiscord({ route, query, body, answer, ordered }: Exchange): string[] {
  if (ELSEWHERE.test(route)) return [];
  const contract = CONTRACTS[route];
  if (!contract) return [`${route} is not in Discord's API, or not among what is checked`];
  const strangers = [...query.keys()].filter((name) => !contract.query?.includes(name));
  return [
    ...strangers.map((name) => `${route} has no parameter ${name}`),
    ...(contract.body ? validate(contract.body, body, `the body of ${route}`) : []),
    ...(ordered ? [] : checkAnswer(route, contract, answer)),
  ];
}

function checkAnswer(route: string, { answers }: Contract, { status, body }: Exchange['answer']): string[] {
  const what = `the answer ${status} to ${route}`;
  if (status === 429) return validate(discord.RatelimitedResponseSchema, body, what);
  // Details have numbers for codes in the published schema, and names in what Discord sends.
  if (status >= 400) return validate(discord.ErrorResponseSchema, { ...(body as object), errors: undefined }, what);
  const schema = answers[status];
  if (schema === undefined) return [`${what} is not in Discord's API`];
  if (schema === null) return body === undefined ? [] : [`${what} has no body`];
  return validate(schema, body, what);
}

function validate(schema: z.core.$ZodType, value: unknown, what: string): string[] {
  const { error } = z.safeParse(schema, JSON.parse(JSON.stringify(value ?? null)));
  return error ? error.issues.map(({ path, message }) => `${what}: ${path.join('.')} ${message}`) : [];
}
