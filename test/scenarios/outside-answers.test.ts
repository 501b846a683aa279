import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { MINUTE_MS } from '../../src/lib/time.ts';
import type { Fault } from '../../src/sandbox/faults.ts';
import { openTown, type Town } from '../support/town.ts';
import { expectEven } from '../support/town-ledger.ts';

vi.setConfig({ testTimeout: 60_000 });

const PUT_COLLABORATOR = 'PUT /repos/{owner}/{repo}/collaborators/{username}';
const READ_STANDING = 'POST /graphql';
const REMOVE_COLLABORATOR = 'DELETE /repos/{owner}/{repo}/collaborators/{username}';
const PUT_ROLE = 'PUT /guilds/{guild_id}/members/{user_id}/roles/{role_id}';
const PUT_MEMBER = 'PUT /guilds/{guild_id}/members/{user_id}';
const TAKE_ROLE = 'DELETE /guilds/{guild_id}/members/{user_id}/roles/{role_id}';
/** Until it is mended, however often it is tried meanwhile. */
const ALWAYS = 1_000;

let town: Town;
let count = 0;
let name = '';
beforeAll(async () => {
  town = await openTown();
});
afterEach(async () => {
  town.calm();
  await expectEven(town);
});
afterAll(() => town?.[Symbol.asyncDispose]());

const github = (status: number, message: string, headers: Record<string, string> = {}): Fault => ({
  status,
  headers,
  body: { message, documentation_url: 'https://docs.github.com/rest' },
});
const discord = (status: number, code: number, message: string): Fault => ({ status, body: { code, message } });
const discordLimit = (seconds: number, global: boolean): Fault => ({
  status: 429,
  headers: {
    'retry-after': String(seconds),
    ...(global
      ? { 'x-ratelimit-global': 'true', 'x-ratelimit-scope': 'global' }
      : {
          'x-ratelimit-limit': '10',
          'x-ratelimit-remaining': '0',
          'x-ratelimit-reset-after': String(seconds),
          'x-ratelimit-bucket': 'abcd1234',
          'x-ratelimit-scope': 'user',
        }),
  },
  body: { message: 'You are being rate limited.', retry_after: seconds, global, code: 0 },
});

/** Somebody who buys access of their own, with a call of this route going wrong on the way. */
async function buy(
  provider: 'GITHUB' | 'DISCORD',
  fault: Fault,
  route: string,
  times = ALWAYS,
  { kickOnRevoke = false } = {},
) {
  name = `repository-${++count}`;
  town.repository(name);
  const benefit =
    provider === 'GITHUB' ? await town.benefit({ [name]: 'PUSH' }) : await town.benefit(['Premium'], { kickOnRevoke });
  (provider === 'GITHUB' ? town.hub : town.realm).fail(fault, { route, times });
  const bought = await town.subscriber(provider, benefit);
  return { ...bought, benefit, grant: await town.grant(bought.customerId) };
}

/** As the merchant does when they have mended what was wrong. */
async function retry(customerId: string): Promise<void> {
  town.calm();
  await town.retry((await town.grant(customerId)).id);
  await town.settled();
  expect(await town.grant(customerId)).toMatchObject({ state: 'ACTIVE', attention: null });
}

test.each<[what: string, fault: Fault, code: string, actor: string]>([
  ['403', github(403, 'Resource not accessible by integration'), 'MISSING_PERMISSION', 'MERCHANT'],
  ['404', github(404, 'Not Found'), 'REPOSITORY_NOT_FOUND', 'MERCHANT'],
  ['422', github(422, 'Validation Failed'), 'REFUSED', 'MERCHANT'],
  ['422 for too many invitations', github(422, 'Invitation limit exceeded'), 'INVITATION_LIMIT', 'SYSTEM'],
  ['451', github(451, 'Repository access blocked'), 'BLOCKED', 'MERCHANT'],
  ['500', github(500, 'Server Error'), 'PROVIDER_UNAVAILABLE', 'SYSTEM'],
  ['503 with a page instead of JSON', { status: 503, body: '<html>Unicorn!' }, 'PROVIDER_UNAVAILABLE', 'SYSTEM'],
  ['an end without an answer', 'breaks off', 'PROVIDER_UNAVAILABLE', 'SYSTEM'],
])('of GitHub %s is told apart, and undone by trying again', async (_, fault, code, actor) => {
  const { customerId, grant } = await buy('GITHUB', fault, PUT_COLLABORATOR);
  expect(grant).toMatchObject({ state: 'CREATED', attention: { code, actor } });
  await expectEven(town);
  await retry(customerId);
});

test.each<['GITHUB' | 'DISCORD', Fault, string, object]>([
  [
    'GITHUB',
    github(403, 'Resource not accessible by integration'),
    PUT_COLLABORATOR,
    {
      code: 'MISSING_PERMISSION',
      message:
        'Our App may not do this; give it the permission “Administration: read and write”. GitHub answered 403: Resource not accessible by integration - https://docs.github.com/rest',
    },
  ],
  [
    'DISCORD',
    discord(403, 50013, 'Missing Permissions'),
    PUT_ROLE,
    { code: 'MISSING_PERMISSION', message: expect.stringContaining('Discord answered 403: Missing Permissions') },
  ],
])('the merchant reads in their integrations what %s said last', async (provider, fault, route, lastError) => {
  const { customerId } = await buy(provider, fault, route);
  const { integrations } = await town.ask('{ integrations { provider lastError { code message } lastErrorAt } }');
  expect(integrations).toContainEqual({ provider, lastError, lastErrorAt: expect.any(String) });
  await retry(customerId);
});

test('of GitHub 401 to our App is told apart, and undone by trying again', async () => {
  const benefit = await town.benefit({ [name]: 'PULL' });
  const route = 'GET /repos/{owner}/{repo}/installation';
  town.hub.fail(github(401, 'A JSON web token could not be decoded'), { route, times: ALWAYS });
  // By then it is asked for the installation again.
  town.passTime(6 * MINUTE_MS);
  const { customerId } = await town.subscriber('GITHUB', benefit);
  expect(await town.grant(customerId)).toMatchObject({ attention: { code: 'BAD_CREDENTIALS', actor: 'MERCHANT' } });
  await expectEven(town);
  await retry(customerId);
});

test.each<[what: string, fault: Fault, code: string, actor: string]>([
  ['401', discord(401, 0, '401: Unauthorized'), 'BAD_CREDENTIALS', 'MERCHANT'],
  ['403', discord(403, 50013, 'Missing Permissions'), 'MISSING_PERMISSION', 'MERCHANT'],
  ['404', discord(404, 10004, 'Unknown Guild'), 'BOT_NOT_IN_SERVER', 'MERCHANT'],
  ['400', discord(400, 50035, 'Invalid Form Body'), 'REFUSED', 'MERCHANT'],
  ['too many servers', discord(400, 30001, 'Maximum number of guilds reached (100)'), 'SERVERS_FULL', 'CUSTOMER'],
  ['500', { status: 500, body: { message: 'Internal Server Error', code: 0 } }, 'PROVIDER_UNAVAILABLE', 'SYSTEM'],
  ['502 with a page instead of JSON', { status: 502, body: '<html>' }, 'PROVIDER_UNAVAILABLE', 'SYSTEM'],
  ['an end without an answer', 'breaks off', 'PROVIDER_UNAVAILABLE', 'SYSTEM'],
])('of Discord %s is told apart, and undone by trying again', async (_, fault, code, actor) => {
  const { customerId, grant } = await buy('DISCORD', fault, PUT_MEMBER);
  expect(grant).toMatchObject({ state: 'CREATED', attention: { code, actor } });
  await expectEven(town);
  await retry(customerId);
});

test.each<[provider: 'GITHUB' | 'DISCORD', fault: Fault, route: string]>([
  ['GITHUB', 'does it and breaks off', PUT_COLLABORATOR],
  ['GITHUB', 'cuts the answer', PUT_COLLABORATOR],
  ['GITHUB', 'cuts the answer', READ_STANDING],
  ['DISCORD', 'does it and breaks off', PUT_MEMBER],
  ['DISCORD', 'cuts the answer', PUT_MEMBER],
  ['DISCORD', 'does it and breaks off', PUT_ROLE],
])(
  '%s: what was done and not heard of (%s of %s) is ours, and is taken back when it ends',
  async (provider, fault, route) => {
    const { customerId, subscription, person } = await buy(provider, fault, route, 3);
    await town.settled();
    expect(await town.grant(customerId)).toMatchObject({ state: 'ACTIVE', attention: null });
    await expectEven(town);
    if (provider === 'GITHUB') town.hub.accept(`acme/${name}`, person.login);
    const taking = provider === 'GITHUB' ? REMOVE_COLLABORATOR : TAKE_ROLE;
    (provider === 'GITHUB' ? town.hub : town.realm).fail('does it and breaks off', { route: taking, times: 3 });
    await town.cancel(subscription);
    await town.settled();
    expect(provider === 'GITHUB' ? town.access(name) : town.rolesOf(person)).toEqual(provider === 'GITHUB' ? {} : []);
  },
);

test.each<[provider: 'GITHUB' | 'DISCORD', route: string]>([
  ['GITHUB', PUT_COLLABORATOR],
  ['DISCORD', PUT_MEMBER],
  ['DISCORD', PUT_ROLE],
])(
  '%s: what was done and not heard of (%s) is taken back as well when it ends before it was tried again',
  async (provider, route) => {
    const { customerId, subscription, person, grant } = await buy(provider, 'does it and breaks off', route, 2, {
      kickOnRevoke: true,
    });
    expect(grant).toMatchObject({ state: 'CREATED', attention: { code: 'PROVIDER_UNAVAILABLE' } });
    await town.cancel(subscription);
    await town.settled();
    expect(await town.grant(customerId)).toMatchObject({ state: 'REVOKED' });
    expect(provider === 'GITHUB' ? town.access(name) : town.rolesOf(person)).toEqual(provider === 'GITHUB' ? {} : null);
  },
);

test.each<[what: string, fault: Fault]>([
  ['429 with Retry-After', github(429, 'Too many requests', { 'retry-after': '40' })],
  ['a secondary limit', github(403, 'You have exceeded a secondary rate limit.', { 'retry-after': '40' })],
])('%s of GitHub is waited for as long as it asks, by everybody', async (_, fault) => {
  const { customerId, benefit, grant } = await buy('GITHUB', fault, PUT_COLLABORATOR, 1);
  expect(grant).toMatchObject({ state: 'CREATED', attention: { code: 'RATE_LIMITED', actor: 'SYSTEM' } });
  const wait = Date.parse(grant.attention.retryAt) - town.now().getTime();
  expect(wait).toBeGreaterThan(20_000);
  expect(wait).toBeLessThanOrEqual(41_000);
  await expectEven(town);
  town.hub.forgetCalls();
  const other = await town.customer();
  await town.link(other, 'GITHUB', town.person());
  await town.subscribe(other, benefit);
  await town.quiet();
  expect(town.hub.counts().byRoute[PUT_COLLABORATOR]).toBeUndefined();
  await town.settled();
  expect(await town.grant(customerId)).toMatchObject({ state: 'ACTIVE', attention: null });
});

test.each<[what: string, global: boolean]>([
  ['of one route', false],
  ['of everything', true],
])('a limit %s at Discord is waited for as long as it asks', async (_, global) => {
  const { customerId } = await buy('DISCORD', discordLimit(4, global), PUT_MEMBER, 1);
  await vi.waitUntil(
    async () => {
      await town.settled();
      return (await town.grant(customerId)).state === 'ACTIVE';
    },
    { timeout: 50_000 },
  );
  const events = await town.database.prisma.event.findMany({ where: { customerId } });
  expect(events.map(({ data }) => data)).toContainEqual(
    expect.objectContaining({
      grant: expect.objectContaining({ attentionCode: 'RATE_LIMITED', attentionActor: 'SYSTEM' }),
    }),
  );
});
