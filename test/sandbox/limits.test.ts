import { expect, test } from 'vitest';
import { HOUR_MS, MINUTE_MS } from '../../src/sandbox/clock.ts';
import { openSandbox } from '../../src/sandbox/sandbox.ts';
import { openWorld } from './callers.ts';

test('GitHub counts down an hour and refuses until it is over', async () => {
  const world = await openWorld({ limits: 'on' });
  await using _ = world.sandbox;
  const read = () => world.onGithub('GET', '/users/ada');
  const first = await read();
  expect(first.headers.get('x-ratelimit-limit')).toBe('60');
  expect(first.headers.get('x-ratelimit-remaining')).toBe('59');
  for (let count = 1; count < 60; count += 1) await read();
  const refused = await read();
  expect(refused.status).toBe(403);
  expect(refused.headers.get('x-ratelimit-remaining')).toBe('0');
  expect(world.github.counts()).toMatchObject({ total: 61, limited: 1 });
  world.sandbox.clock.advance(HOUR_MS);
  expect((await read()).status).toBe(200);
});

test('GitHub limits what notifies people further, and says how long to wait', async () => {
  const world = await openWorld({ limits: 'on' });
  await using _ = world.sandbox;
  const token = await world.installationToken();
  const invite = () => world.onGithub('PUT', '/repos/acme/engine/collaborators/ada', token);
  for (let count = 0; count < 80; count += 1) await invite();
  const refused = await invite();
  expect(refused).toMatchObject({ status: 403, body: { message: expect.stringContaining('secondary rate limit') } });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(30);
  world.sandbox.clock.advance(MINUTE_MS);
  expect((await invite()).status).toBe(201);
  expect(world.contract.breaches).toEqual([]);
});

test('Discord limits a bucket, and everything at once', async () => {
  const world = await openWorld({ limits: 'on' });
  await using _ = world.sandbox;
  const path = `/guilds/${world.guild.id}/members/${world.member.id}`;
  const remove = () => world.onDiscord('DELETE', path);
  for (let count = 0; count < 10; count += 1) await remove();
  const refused = await remove();
  expect(refused).toMatchObject({ status: 429, body: { global: false, retry_after: expect.any(Number) } });
  expect(refused.headers.get('x-ratelimit-scope')).toBe('user');
  world.sandbox.clock.advance(MINUTE_MS);
  expect((await remove()).status).toBe(404);
  expect(world.contract.breaches).toEqual([]);
});

test('of everything together Discord takes fifty calls a second', async () => {
  // So slow that the second does not end meanwhile.
  const world = await openWorld({ limits: 'on', speed: 0.001 });
  await using _ = world.sandbox;
  const calls = Array.from({ length: 51 }, (_, index) => world.onDiscord('GET', `/guilds/${index + 1}`));
  const answers = await Promise.all(calls);
  const [refused, ...others] = answers.filter(({ status }) => status === 429);
  expect(others).toEqual([]);
  expect(refused).toMatchObject({ body: { global: true } });
  expect(refused?.headers.get('x-ratelimit-scope')).toBe('global');
  expect(world.contract.breaches).toEqual([]);
});

test('where time is fast, Discord says how long to wait by the clock of whoever waits', async () => {
  const world = await openWorld({ limits: 'on', speed: 10 });
  await using _ = world.sandbox;
  const { headers } = await world.onDiscord('DELETE', `/guilds/${world.guild.id}/members/${world.member.id}`);
  expect(Number(headers.get('x-ratelimit-reset-after'))).toBeLessThanOrEqual(1);
});

test('Discord lets nobody in any more from an address that was refused ten thousand times in ten minutes', async () => {
  await using sandbox = await openSandbox({ limits: 'on' });
  const { discord } = sandbox;
  const call = (authorization: string) =>
    discord.take({
      method: 'GET',
      path: '/api/v10/users/@me',
      query: new URLSearchParams(),
      headers: { authorization },
      body: undefined,
    });
  const bot = `Bot ${discord.state.botToken}`;
  // Each with a token of its own, so that no other limit is met first.
  for (let count = 0; count < 10_000; count += 1) expect((await call(`Bot wrong ${count}`))?.answer.status).toBe(401);
  expect((await call(bot))?.answer).toMatchObject({ status: 429, body: 'error code: 1015' });
  sandbox.clock.advance(10 * MINUTE_MS);
  expect((await call(bot))?.answer.status).toBe(200);
});
