import { expect, test } from 'vitest';
import { readProviders } from '../../../src/config.ts';
import { openDiscord } from '../../../src/providers/discord.ts';
import { openSandbox } from '../../../src/sandbox/sandbox.ts';

test('how many changes a server takes is learned when it was too much', async () => {
  await using sandbox = await openSandbox({ limits: 'off' });
  const { discord: realm, environment } = sandbox;
  const settings = readProviders(environment).discord;
  if (!settings) throw new Error('Discord is not configured.');
  await using discord = openDiscord(settings);
  const guild = realm.addGuild('Club', { roles: ['Member'] });
  const role = [...guild.roles.values()].find(({ name }) => name === 'Member');
  const { id } = realm.addUser('ada');
  realm.join(guild.id, 'ada');
  realm.fail({
    status: 429,
    headers: {
      'retry-after': '60',
      'x-ratelimit-limit': '10',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset-after': '60',
      'x-ratelimit-bucket': 'abcd1234',
      'x-ratelimit-scope': 'user',
    },
    body: { message: 'You are being rate limited.', retry_after: 60, global: false, code: 0 },
  });
  expect(discord.paceOf(guild.id)).toBeNull();
  await expect(discord.servers.giveRole(guild.id, id, role?.id ?? '')).rejects.toMatchObject({
    problem: { code: 'RATE_LIMITED', who: 'SYSTEM' },
  });
  const pace = discord.paceOf(guild.id);
  expect(pace?.limit).toBe(10);
  expect(pace?.windowMs).toBeGreaterThan(50_000);
  expect(pace?.windowMs).toBeLessThanOrEqual(61_000);
  expect(discord.paceOf('another')).toBeNull();
});
