import { afterAll, beforeAll, expect, test } from 'vitest';
import { readProviders } from '../../../src/config.ts';
import { MINUTE_MS } from '../../../src/lib/time.ts';
import { openRefusals } from '../../../src/providers/discord/refusals.ts';
import { type Discord, openDiscord } from '../../../src/providers/discord.ts';
import { openSandbox, type Sandbox } from '../../../src/sandbox/sandbox.ts';

/** As many customers of a server where nothing can be given. */
const CUSTOMERS = 200;
/** So much may be refused in ten minutes before Discord lets nobody in any more from that address. */
const BAN = 10_000;
/** A bot that is known nowhere is in so many servers. */
const SERVERS = 3_000;

let sandbox: Sandbox;
let discord: Discord;
beforeAll(async () => {
  sandbox = await openSandbox({ limits: 'off' });
  const settings = readProviders(sandbox.environment).discord;
  if (!settings) throw new Error('Discord is not configured.');
  discord = openDiscord(settings, sandbox.clock.now);
});
afterAll(async () => {
  await discord?.[Symbol.asyncDispose]();
  await sandbox?.[Symbol.asyncDispose]();
});

const club = (name: string) => {
  const { id, roles } = sandbox.discord.addGuild(name, { roles: ['Member'] });
  const role = [...roles.values()].find((one) => one.name === 'Member');
  return { id, roleId: role?.id ?? '' };
};
const person = (name: string, guildId: string) => {
  const { id } = sandbox.discord.addUser(name);
  sandbox.discord.join(guildId, name);
  return id;
};
const refused = () => sandbox.discord.calls.filter(({ status }) => [401, 403, 429].includes(status ?? 0)).length;
/** What became of giving the role to each of many: the codes of what was in the way. */
const giveMany = async (guildId: string, roleId: string, accountId: string): Promise<string[]> => {
  const codes = [];
  for (let count = 0; count < CUSTOMERS; count++)
    codes.push(
      await discord.servers.giveRole(guildId, accountId, roleId).then(
        () => 'GIVEN',
        (error) => error.problem.code,
      ),
    );
  return [...new Set(codes)];
};

test('a server that refuses everything is left alone after a while, and no other server with it', async () => {
  const [broken, sound] = [club('Broken'), club('Sound')];
  const [ada, bob] = [person('ada', broken.id), person('bob', sound.id)];
  sandbox.discord.moveRole(broken.id, broken.roleId, 99);
  expect(await giveMany(broken.id, broken.roleId, ada)).toEqual(['MISSING_PERMISSION', 'REFUSED_TOO_OFTEN']);
  expect(refused()).toBeLessThanOrEqual(50);
  await discord.servers.giveRole(sound.id, bob, sound.roleId);
  expect(await discord.servers.rolesOf(sound.id, bob)).toEqual([sound.roleId]);

  // Ten minutes later it is looked whether it has been mended.
  sandbox.clock.advance(10 * MINUTE_MS);
  await expect(discord.servers.giveRole(broken.id, ada, broken.roleId)).rejects.toMatchObject({
    problem: { code: 'MISSING_PERMISSION', who: 'MERCHANT' },
  });
});

test('a bot that is refused everywhere stays far away from being banned', async () => {
  const within = openRefusals(() => new Date());
  let asked = 0;
  const ask = async () => {
    asked += 1;
    return new Response(null, { status: 401 });
  };
  for (let server = 1; server <= SERVERS; server++)
    await within(`https://discord.com/api/v10/guilds/${server}/members/1`, ask).catch(() => {});
  expect(asked).toBeLessThanOrEqual(BAN / 10);
});

test('a server that asks to wait, since several processes ask it, is asked on', async () => {
  const within = openRefusals(() => new Date());
  const busy = async () => new Response(null, { status: 429, headers: { 'x-ratelimit-scope': 'user' } });
  for (let count = 0; count < CUSTOMERS; count++)
    expect((await within('https://discord.com/api/v10/guilds/1/members/1', busy)).status).toBe(429);
});

test('what others use up of a limit that is shared does not count', async () => {
  const within = openRefusals(() => new Date());
  const shared = async () => new Response(null, { status: 429, headers: { 'x-ratelimit-scope': 'shared' } });
  for (let count = 0; count < CUSTOMERS; count++)
    expect((await within('https://discord.com/api/v10/guilds/1/members/1', shared)).status).toBe(429);
});

test('what is about no server goes on while one is left alone', async () => {
  const within = openRefusals(() => new Date());
  const refuse = async () => new Response(null, { status: 403 });
  for (let count = 0; count < CUSTOMERS; count++)
    await within('https://discord.com/api/v10/guilds/1/members/1', refuse).catch(() => {});
  const answer = await within('https://discord.com/api/v10/users/@me', async () => new Response('{}'));
  expect(answer.status).toBe(200);
});
