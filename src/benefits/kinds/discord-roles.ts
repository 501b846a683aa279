import { z } from 'zod';
import { AccessError, AccessStatus, RepairedAt } from '../access.ts';
import { give, NOT_CONFIGURED } from '../discord/giving.ts';
import { HeldRoles, memberKey, roleKey, untouched } from '../discord/held.ts';
import { inspectServer } from '../discord/inspecting.ts';
import { look } from '../discord/looking.ts';
import { takeBack } from '../discord/taking.ts';
import { defineKind } from '../kind.ts';
import { done } from '../outcome.ts';
import { worst } from '../provider-problem.ts';

const MOST_ROLES = 50;
const WELCOME_CHARACTERS = 1_500;
const snowflake = () => z.string().regex(/^\d{1,20}$/, 'It is no id of Discord’s: those are numbers.');

const DiscordRole = z
  .object({
    roleId: snowflake().meta({ description: 'The role; it must stand below the bot’s own.' }),
    name: z.string().nullish().meta({ description: 'What it is called. Boon looks it up; what is given is not read.' }),
  })
  .meta({ id: 'DiscordRole', description: 'A role in a server.' });

const DiscordWelcome = z
  .object({
    channelId: snowflake().meta({ description: 'The channel of the server it is said in.' }),
    text: z
      .string()
      .min(1)
      .max(WELCOME_CHARACTERS)
      .meta({ description: 'What is said, at most 1,500 characters; `{{user}}` mentions the customer.' }),
  })
  .meta({ id: 'DiscordWelcome', description: 'What is said once when a customer gets their roles.' });

/** Takes the customer's Discord account into a server and gives it roles. */
export default defineKind({
  type: 'discord',
  name: 'Discord',
  description: 'A place in a Discord server, with roles, for the account the customer linked.',
  account: 'DISCORD',
  properties: z.object({
    guildId: snowflake().meta({ description: 'The server, with our bot in it.' }),
    roles: z
      .array(DiscordRole)
      .min(1, 'Name at least one role.')
      .max(MOST_ROLES, `It may name at most ${MOST_ROLES} roles.`)
      .meta({ description: 'The roles, 1 to 50.' }),
    kickOnRevoke: z.boolean().default(false).meta({
      description: 'Whether whom Boon took into the server is put out of it when nothing else holds their place.',
    }),
    welcome: DiscordWelcome.nullish().meta({ description: 'What is said to them once; absent: nothing.' }),
  }),
  example: {
    description: 'Premium Discord role',
    properties: { guildId: '123456789', roles: [{ roleId: '987654321' }] },
    held: {
      account: { id: '80351110224678912', username: 'nelly' },
      guildId: '123456789',
      member: null,
      kick: false,
      welcomed: false,
      items: [{ ...untouched('987654321'), status: 'ACTIVE' }],
    },
  },
  held: HeldRoles,
  delivers: z.object({
    account: z
      .object({
        id: z.string().meta({ description: 'Discord’s own number of it.' }),
        username: z.string().meta({ description: 'What it is called.' }),
      })
      .meta({ id: 'DiscordAccount', description: 'An account on Discord.' }),
    guildId: z.string().meta({ description: 'The server.' }),
    items: z
      .array(
        z
          .object({
            roleId: z.string().meta({ description: 'The role.' }),
            status: AccessStatus,
            error: AccessError,
            repairedAt: RepairedAt,
          })
          .meta({ id: 'DiscordRoleAccess', description: 'One role.' }),
      )
      .meta({ description: 'Each role with how far it has come; one that fails does not undo the others.' }),
  }),
  inspect: (properties, means) => inspectServer(properties, means),
  places: ({ guildId }) => [{ provider: 'DISCORD', placeId: guildId, name: 'this server', path: ['guildId'] }],
  keep: {
    where: 'outside',
    claims: ({ properties: { guildId, roles }, account }) =>
      account
        ? [
            { key: memberKey(guildId, account.accountId), level: 1 },
            ...roles.map(({ roleId }) => ({ key: roleKey(guildId, roleId, account.accountId), level: 1 })),
          ]
        : [],
    deliver: (order, hands) => give(order, hands),
    async withdraw({ held }, hands) {
      const { discord } = hands.means;
      if (!discord) return NOT_CONFIGURED;
      const taken = await takeBack(discord, held, held.items, hands, { leave: true });
      return worst(taken.problems, taken.held) ?? done(taken.held);
    },
    look: (orders, sight) => look(orders, sight),
  },
  deliveries: {
    from: 'held',
    tell: ({ account, guildId, items }) => ({
      account,
      guildId,
      items: items.map(({ roleId, status, error, repairedAt }) => ({
        roleId,
        status,
        error,
        repairedAt: repairedAt ? new Date(repairedAt) : null,
      })),
    }),
  },
  instructions: ({ account, benefit }) =>
    account
      ? `Your Discord account ${account.username} gets its roles in the server of **${benefit.description}**.`
      : `Connect your Discord account to be let into the server of **${benefit.description}**.`,
  wire: {
    properties: ({ guildId, roles, kickOnRevoke }, { organizationId }) => ({
      guild_id: guildId,
      role_id: roles[0]?.roleId ?? '',
      kick_member: kickOnRevoke,
      guild_token: `${organizationId}:${guildId}`,
      roles: roles.map(({ roleId, name }) => ({ role_id: roleId, name: name ?? null })),
    }),
    grant: (held) => {
      if (!held) return {};
      const [first] = held.items;
      return {
        account_id: held.account.id,
        ...(first && { guild_id: held.guildId, role_id: first.roleId, granted_account_id: held.account.id }),
        roles: held.items.map(({ roleId, status }) => ({ role_id: roleId, status: status.toLowerCase() })),
      };
    },
  },
});
