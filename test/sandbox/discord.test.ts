import { afterEach, beforeEach, expect, test } from 'vitest';
import { link, openWorld } from './callers.ts';

let world: Awaited<ReturnType<typeof openWorld>>;
let access: string;
let member: string;
let role: (name: string) => string;
beforeEach(async () => {
  world = await openWorld();
  access = (await link(world, 'discord', world.member.id)).access;
  member = `/guilds/${world.guild.id}/members/${world.member.id}`;
  role = (name) => `${member}/roles/${world.roles[name]}`;
});
afterEach(async () => {
  expect(world.contract.breaches).toEqual([]);
  await world.sandbox[Symbol.asyncDispose]();
});

const join = (more: object = {}) => world.onDiscord('PUT', member, { access_token: access, ...more });
const rolesOf = () => world.discord.rolesOf(world.guild.id, 'ada');

test('somebody joins with their token, with roles, and stays as they are the second time', async () => {
  expect(await join({ roles: [world.roles.Backer] })).toMatchObject({
    status: 201,
    body: { user: { username: 'ada' } },
  });
  expect(await join({ roles: [world.roles.Insider] })).toMatchObject({ status: 204 });
  expect(rolesOf()).toEqual(['Backer']);
  expect(await world.onDiscord('PUT', role('Insider'))).toMatchObject({ status: 204 });
  expect(await world.onDiscord('DELETE', role('Backer'))).toMatchObject({ status: 204 });
  expect((await world.onDiscord('GET', member)).body.roles).toEqual([world.roles.Insider]);
  expect(await world.onDiscord('DELETE', member)).toMatchObject({ status: 204 });
  expect(await world.onDiscord('DELETE', member)).toMatchObject({ status: 404, body: { code: 10007 } });
});

test('a token of another, of too little or of the past joins nobody', async () => {
  const invalid = { status: 403, body: { code: 50025 } };
  expect(await join({ access_token: 'x' })).toMatchObject(invalid);
  const { access: identity } = await link(world, 'discord', world.member.id, 'identify');
  expect(await join({ access_token: identity })).toMatchObject(invalid);
  world.discord.revokeAuthorization('ada');
  expect(await join()).toMatchObject(invalid);
});

test('the banned stay out until the ban is lifted', async () => {
  world.discord.ban(world.guild.id, 'ada');
  expect(await join()).toMatchObject({ status: 403, body: { code: 40007 } });
  expect(await world.onDiscord('GET', `/guilds/${world.guild.id}/bans/${world.member.id}`)).toMatchObject({
    status: 200,
  });
  world.discord.unban(world.guild.id, 'ada');
  expect(await join()).toMatchObject({ status: 201 });
});

test("a role above the bot, a managed one and everybody's are not given", async () => {
  await join();
  const refused = { status: 403, body: { code: 50013 } };
  expect(await world.onDiscord('PUT', role('Boon'))).toMatchObject(refused);
  expect(await world.onDiscord('PUT', role('@everyone'))).toMatchObject(refused);
  world.discord.moveRole(world.guild.id, world.roles.Insider ?? '', 99);
  expect(await world.onDiscord('PUT', role('Insider'))).toMatchObject(refused);
  world.discord.removeRole(world.guild.id, world.roles.Backer ?? '');
  expect(await world.onDiscord('PUT', role('Backer'))).toMatchObject({ status: 404, body: { code: 10011 } });
});

test('what is not there, and where the bot is not, has a code of its own', async () => {
  const code = async (path: string, method = 'GET') => (await world.onDiscord(method, path)).body.code;
  expect(await code('/guilds/1234567890')).toBe(10004);
  expect(await code(member)).toBe(10007);
  expect(await code(`/guilds/${world.guild.id}/members/1234567890`)).toBe(10013);
  expect(await code('/guilds/abc')).toBe(50035);
  expect(await code(role('Backer'), 'PUT')).toBe(10007);
  world.discord.kickBot(world.guild.id);
  expect(await code(`/guilds/${world.guild.id}/roles`)).toBe(50001);
  expect(await world.onDiscord('GET', '/users/@me', undefined, 'Bot no')).toMatchObject({
    status: 401,
    body: { code: 0 },
  });
});

test('a guild, its roles, channels and members can be read, and a word of welcome written', async () => {
  const at = `/guilds/${world.guild.id}`;
  await join();
  expect((await world.onDiscord('GET', `${at}?with_counts=true`)).body.approximate_member_count).toBe(3);
  expect((await world.onDiscord('GET', '/users/@me/guilds')).body).toMatchObject([{ name: 'Acme', owner: false }]);
  expect((await world.onDiscord('GET', `${at}/roles`)).body.map(({ name }: { name: string }) => name)).toEqual([
    '@everyone',
    'Backer',
    'Insider',
    'Boon',
  ]);
  expect((await world.onDiscord('GET', `${at}/members?limit=1000`)).body).toHaveLength(3);
  expect((await world.onDiscord('GET', `/users/${world.member.id}`)).body.username).toBe('ada');
  const [channel] = (await world.onDiscord('GET', `${at}/channels`)).body;
  const sent = await world.onDiscord('POST', `/channels/${channel.id}/messages`, { content: 'Welcome, Ada' });
  expect(sent).toMatchObject({ status: 200, body: { content: 'Welcome, Ada', author: { bot: true } } });
});

test('somebody is told their own account by their token, and no more', async () => {
  const own = await world.onDiscord('GET', '/users/@me', undefined, `Bearer ${access}`);
  expect(own).toMatchObject({ status: 200, body: { id: world.member.id } });
  expect(await world.onDiscord('GET', member, undefined, `Bearer ${access}`)).toMatchObject({ status: 401 });
});
