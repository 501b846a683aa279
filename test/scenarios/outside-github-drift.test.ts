import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/lib/time.ts';
import { openTown, type Town } from '../support/town.ts';
import { expectEven } from '../support/town-ledger.ts';

vi.setConfig({ testTimeout: 60_000 });

let town: Town;
let count = 0;
/** A repository of its own for each test. */
let name = '';
beforeAll(async () => {
  town = await openTown();
});
afterEach(async () => {
  town.calm();
  await expectEven(town);
});
afterAll(() => town?.[Symbol.asyncDispose]());

/** Somebody who is invited to a repository of their own. */
async function invited(permission = 'PULL') {
  name = `repository-${++count}`;
  town.repository(name);
  const benefit = await town.benefit({ [name]: permission });
  return { benefit, ...(await town.subscriber('GITHUB', benefit)) };
}

test('an invitation that lapsed is sent anew', async () => {
  const { customerId, person } = await invited();
  town.passTime(7 * DAY_MS);
  expect(town.access(name)).toEqual({});
  await town.look();
  expect(town.access(name)).toEqual({ [person.login]: 'pull' });
  expect(await town.grant(customerId)).toMatchObject({ delivery: { repositories: [{ status: 'INVITED' }] } });
});

test('one that was declined waits for the customer, who is invited anew when they link again', async () => {
  const { customerId, person } = await invited();
  town.hub.decline(`acme/${name}`, person.login);
  await town.look();
  expect(await town.grant(customerId)).toMatchObject({
    attention: { code: 'INVITATION_DECLINED', actor: 'CUSTOMER' },
    delivery: { repositories: [{ status: 'DECLINED' }] },
  });
  await expectEven(town);
  await town.link(customerId, 'GITHUB', person);
  await town.settled();
  expect(town.access(name)).toEqual({ [person.login]: 'pull' });
});

test('one that was accepted under another name is noticed, and taken back under that name', async () => {
  const { customerId, person, subscription } = await invited();
  town.hub.rename(person.login, `${person.login}-renamed`);
  town.hub.accept(`acme/${name}`, `${person.login}-renamed`);
  await town.look();
  expect(await town.grant(customerId)).toMatchObject({ delivery: { repositories: [{ status: 'ACTIVE' }] } });
  await expectEven(town);
  await town.cancel(subscription);
  await town.settled();
  expect(town.access(name)).toEqual({});
});

test('a collaborator removed by hand is let in again, and the grant says when', async () => {
  const { customerId, person } = await invited();
  town.hub.accept(`acme/${name}`, person.login);
  await town.look();
  town.hub.removeCollaborator(`acme/${name}`, person.login);
  await town.look();
  expect(town.access(name)).toEqual({ [person.login]: 'pull' });
  expect(await town.grant(customerId)).toMatchObject({
    delivery: { repositories: [{ status: 'INVITED', repairedAt: expect.any(String) }] },
  });
});

test('a collaborator whose permission was lowered by hand gets theirs back', async () => {
  const { person } = await invited('MAINTAIN');
  town.hub.accept(`acme/${name}`, person.login);
  await town.look();
  town.hub.addCollaborator(`acme/${name}`, person.login, 'pull');
  await town.look();
  expect(town.access(name)).toEqual({ [person.login]: 'maintain' });
});

test('one of three repositories that is gone holds up none of the others', async () => {
  for (const one of ['stays', 'passes', 'remains']) town.repository(one);
  const benefit = await town.benefit({ stays: 'PULL', passes: 'PULL', remains: 'PULL' });
  town.hub.removeRepository('acme/passes');
  const { customerId, person, subscription } = await town.subscriber('GITHUB', benefit);
  expect(await town.grant(customerId)).toMatchObject({
    state: 'CREATED',
    attention: { code: 'REPOSITORY_GONE', actor: 'MERCHANT' },
    delivery: { repositories: [{ status: 'INVITED' }, { error: { code: 'REPOSITORY_GONE' } }, { status: 'INVITED' }] },
  });
  expect([town.access('stays'), town.access('remains')]).toEqual([
    { [person.login]: 'pull' },
    { [person.login]: 'pull' },
  ]);
  await expectEven(town);
  await town.cancel(subscription);
  await town.settled();
  expect(await town.grant(customerId)).toMatchObject({ state: 'REVOKED' });
});

test('an App that was uninstalled is the merchant’s matter, and once it is back all goes on', async () => {
  const { customerId, subscription } = await invited();
  const other = await invited();
  const kept = name;
  town.hub.uninstall('acme');
  await town.cancel(subscription);
  await town.quiet();
  expect(await town.grant(customerId)).toMatchObject({
    state: 'ACTIVE',
    revoking: true,
    attention: { code: 'APP_NOT_INSTALLED', actor: 'MERCHANT' },
  });
  await expectEven(town);
  town.hub.removeRepository(`acme/${kept}`);
  town.repository(kept);
  await town.database.prisma.integration.updateMany({ data: { errorCode: null, errorMessage: null, errorAt: null } });
  await town.look();
  expect(await town.grant(other.customerId)).toMatchObject({
    attention: { code: 'APP_NOT_INSTALLED', actor: 'MERCHANT' },
  });
  const { integrations } = await town.ask('{ integrations { provider lastError { code } } }');
  expect(integrations).toContainEqual({ provider: 'GITHUB', lastError: { code: 'APP_NOT_INSTALLED' } });
  town.hub.install('acme');
  town.passTime(HOUR_MS);
  await town.look();
  expect(await town.grant(customerId)).toMatchObject({ state: 'REVOKED' });
  await town.edit(other.benefit, { [kept]: 'PULL' });
  await town.settled();
  expect(town.access(kept)).toEqual({ [other.person.login]: 'pull' });
});

test('an App that is suspended, or lacks its permission, is the merchant’s matter as well', async () => {
  const { benefit } = await invited();
  town.hub.suspend('acme');
  const waiting = await town.subscriber('GITHUB', benefit);
  expect(await town.grant(waiting.customerId)).toMatchObject({
    attention: { code: 'APP_SUSPENDED', actor: 'MERCHANT' },
  });
  await expectEven(town);
  town.hub.suspend('acme', false);
  town.hub.setPermissions('acme', { administration: 'read', metadata: 'read' });
  await town.retry((await town.grant(waiting.customerId)).id);
  await town.quiet();
  expect(await town.grant(waiting.customerId)).toMatchObject({
    attention: { code: 'MISSING_PERMISSION', actor: 'MERCHANT' },
  });
  await expectEven(town);
  town.hub.setPermissions('acme', { administration: 'write', metadata: 'read' });
  await town.look();
  expect(await town.grant(waiting.customerId)).toMatchObject({ state: 'ACTIVE', attention: null });
});

test('a repository that the App was not given, or that is gone, holds up nobody who moves on', async () => {
  for (const one of ['old', 'new']) town.repository(one);
  town.hub.uninstall('acme');
  town.hub.install('acme', { repositories: ['acme/old', 'acme/new'] });
  const benefit = await town.benefit({ old: 'PULL' });
  const { customerId, person, subscription } = await town.subscriber('GITHUB', benefit);
  town.hub.removeRepository('acme/old');
  await town.edit(benefit, { new: 'PULL' });
  await town.settled();
  expect(town.access('new')).toEqual({ [person.login]: 'pull' });
  expect(await town.grant(customerId)).toMatchObject({
    state: 'ACTIVE',
    attention: { code: 'REPOSITORY_NOT_FOUND', actor: 'MERCHANT', message: expect.stringContaining('acme/old') },
  });
  // What became of the old one can only be told where the App sees all there is.
  town.hub.uninstall('acme');
  town.hub.install('acme');
  await town.look();
  expect(await town.grant(customerId)).toMatchObject({ state: 'ACTIVE', attention: null });
  await town.cancel(subscription);
  await town.settled();
});

test('a token of an installation that ended is replaced', async () => {
  const { benefit } = await invited();
  town.passTime(2 * HOUR_MS);
  const { customerId } = await town.subscriber('GITHUB', benefit);
  expect(await town.grant(customerId)).toMatchObject({ state: 'ACTIVE', attention: null });
});

test('what GitHub refuses of one repository when it is looked whether all stands is told of that one alone', async () => {
  for (const one of ['refused', 'seen']) town.repository(one);
  const benefit = await town.benefit({ refused: 'PULL', seen: 'PULL' });
  const { customerId, person } = await town.subscriber('GITHUB', benefit);
  // What GitHub is made to say is about these two, and not about what others were given.
  const lookedAt = new Date('2100-01-01');
  await town.database.prisma.benefit.updateMany({ where: { id: { not: benefit } }, data: { lookedAt } });
  for (const one of ['refused', 'seen']) town.hub.accept(`acme/${one}`, person.login);
  await town.look();
  town.hub.removeCollaborator('acme/seen', person.login);
  const nobody = { c: { edges: [], pageInfo: { hasNextPage: false, endCursor: null } } };
  const answer = {
    data: { r0: { c: null }, r1: nobody },
    errors: [{ type: 'FORBIDDEN', path: ['r0', 'c'], message: 'Resource not accessible by integration' }],
  };
  town.hub.fail({ status: 200, body: answer }, { route: 'POST /graphql' });
  await town.look();
  expect(town.access('seen')).toEqual({ [person.login]: 'pull' });
  const told = await town.database.prisma.event.findMany({ where: { customerId, type: 'benefit_grant.updated' } });
  const items = told.map(({ data }) => (data as { grant: { held: { items: object[] } | null } }).grant.held?.items);
  expect(items).toContainEqual([
    expect.objectContaining({
      name: 'refused',
      status: 'FAILED',
      error: expect.objectContaining({ code: 'MISSING_PERMISSION' }),
    }),
    expect.objectContaining({ name: 'seen', status: 'WAITING' }),
  ]);
  expect(await town.grant(customerId)).toMatchObject({ state: 'ACTIVE', attention: null });
});
