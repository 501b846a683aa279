import { expect, test } from 'vitest';
import { openWorld } from './callers.ts';

const ROUTE = 'PUT /repos/{owner}/{repo}/collaborators/{username}';

test('failures come on demand, with and without an effect', async () => {
  const world = await openWorld();
  await using _ = world.sandbox;
  const token = await world.installationToken();
  const invite = () => world.onGithub('PUT', '/repos/acme/engine/collaborators/ada', token);
  const invited = () => 'ada' in world.github.invitations('acme/engine');

  world.github.fail({ status: 503, headers: { 'retry-after': '9' } }, { route: ROUTE, times: 2 });
  expect((await world.onGithub('GET', '/repos/acme/engine', token)).status).toBe(200);
  expect((await invite()).headers.get('retry-after')).toBe('9');
  expect((await invite()).status).toBe(503);
  world.github.fail('breaks off', { route: ROUTE });
  await expect(invite()).rejects.toThrow();
  world.github.fail('hangs', { route: ROUTE });
  const waiting = new AbortController();
  const { signal } = waiting;
  const left = fetch(`${world.github.apiUrl}/repos/acme/engine/collaborators/ada`, { method: 'PUT', signal });
  const isLeft = expect(left).rejects.toThrow();
  await expect.poll(() => world.github.counts().byRoute[ROUTE], { timeout: 10_000 }).toBe(4);
  waiting.abort();
  await isLeft;
  expect(invited()).toBe(false);
  world.github.fail('does it and breaks off', { route: ROUTE });
  await expect(invite()).rejects.toThrow();
  expect(invited()).toBe(true);
  world.github.fail('cuts the answer', { route: ROUTE });
  await expect(invite()).rejects.toThrow();
  expect(world.github.counts().byRoute[ROUTE]).toBe(6);
});

test('the page shows what is held, and its buttons do what people would', async () => {
  const world = await openWorld();
  await using _ = world.sandbox;
  const { url } = world.sandbox;
  await world.onGithub('PUT', '/repos/acme/engine/collaborators/ada', await world.installationToken());
  expect(await (await fetch(url)).text()).toContain('invited, push');
  const body = new URLSearchParams({ what: 'accept', where: 'acme/engine', who: 'ada' });
  for (const _twice of [1, 2]) expect((await fetch(`${url}/sandbox/click`, { method: 'POST', body })).status).toBe(200);
  expect(world.github.collaborators('acme/engine')).toEqual({ ada: 'push' });
});

test('a program orders failures and time over HTTP', async () => {
  const world = await openWorld();
  await using _ = world.sandbox;
  const order = (path: string, body: object) =>
    fetch(`${world.sandbox.url}/sandbox/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  await order('faults', { provider: 'discord', fault: 502 });
  expect((await world.onDiscord('GET', '/users/@me')).status).toBe(502);
  const before = world.sandbox.clock.now().getTime();
  await order('clock', { advance: 60_000 });
  expect(world.sandbox.clock.now().getTime()).toBeGreaterThanOrEqual(before + 60_000);
});
