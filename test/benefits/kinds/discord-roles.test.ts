import { afterAll, beforeAll, expect, test } from 'vitest';
import discordRoles from '../../../src/benefits/kinds/discord-roles.ts';
import { type Api, openApi } from '../../graphql/api.ts';
import { exercise } from '../exercise.ts';

exercise(discordRoles);

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api[Symbol.asyncDispose]());

const create = (discord: object) =>
  api.call('createBenefit', { description: 'Club', properties: { discord } }, 'benefit { id }');

test('where Discord is not configured, the error says what to do', async () => {
  expect(await create({ guildId: '1', roles: [{ roleId: '2' }] })).toMatchObject({
    __typename: 'ConflictError',
    message: expect.stringContaining('docs/discord.md'),
    path: ['properties', 'discord', 'guildId'],
  });
});

test('ids that are none of Discord’s are refused where they stand', async () => {
  expect(await create({ guildId: 'acme', roles: [{ roleId: '2' }] })).toMatchObject({
    path: ['properties', 'discord', 'guildId'],
  });
  expect(await create({ guildId: '1', roles: [{ roleId: '2' }, { roleId: '@everyone' }] })).toMatchObject({
    path: ['properties', 'discord', 'roles', '1', 'roleId'],
  });
});
