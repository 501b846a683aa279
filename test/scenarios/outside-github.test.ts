import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { DAY_MS, MINUTE_MS } from '../../src/lib/time.ts';
import { openTown, type Town } from '../support/town.ts';
import { expectEven } from '../support/town-ledger.ts';

vi.setConfig({ testTimeout: 60_000 });

let town: Town;
beforeAll(async () => {
  town = await openTown();
  for (const name of ['one', 'two', 'three']) town.repository(name);
});
afterEach(async () => {
  town.calm();
  await expectEven(town);
});
afterAll(() => town?.[Symbol.asyncDispose]());

test('whoever links before they buy is invited at once, and is out when it ends', async () => {
  const { customerId, subscription, person } = await town.subscriber('GITHUB', await town.benefit({ one: 'PUSH' }));
  expect(await town.grant(customerId)).toMatchObject({
    state: 'ACTIVE',
    delivery: { repositories: [{ name: 'one', status: 'INVITED', permission: 'PUSH' }] },
  });
  expect(town.access('one')).toEqual({ [person.login]: 'push' });
  await expectEven(town);
  await town.cancel(subscription);
  await town.settled();
  expect(await town.grant(customerId)).toMatchObject({ state: 'REVOKED' });
  expect(town.access('one')).toEqual({});
});

test('whoever accepted is out as well', async () => {
  const { subscription, person } = await town.subscriber('GITHUB', await town.benefit({ one: 'PULL' }));
  town.hub.accept('acme/one', person.login);
  await town.cancel(subscription);
  await town.settled();
  expect(town.access('one')).toEqual({});
});

test('whoever buys first is asked to link, and let in when they have', async () => {
  const customerId = await town.customer();
  await town.subscribe(customerId, await town.benefit({ one: 'PULL' }));
  await town.quiet();
  expect(await town.grant(customerId)).toMatchObject({
    state: 'CREATED',
    attention: { code: 'CONNECT_GITHUB', actor: 'CUSTOMER' },
  });
  await expectEven(town);
  const person = town.person();
  await town.link(customerId, 'GITHUB', person);
  await town.settled();
  expect(town.access('one')).toMatchObject({ [person.login]: 'pull' });
});

test('a subscription that ends while it waits for the link gives nothing, also when they link afterwards', async () => {
  const customerId = await town.customer();
  const subscription = await town.subscribe(customerId, await town.benefit({ two: 'PULL' }));
  await town.quiet();
  await town.cancel(subscription);
  await town.link(customerId, 'GITHUB', town.person());
  await town.settled();
  expect(await town.grant(customerId)).toMatchObject({ state: 'REVOKED' });
  expect(town.access('two')).toEqual({});
});

test('of two benefits on one repository the higher permission stands, and is lowered when its holder goes', async () => {
  const { customerId, subscription, person } = await town.subscriber('GITHUB', await town.benefit({ one: 'MAINTAIN' }));
  const second = await town.subscribe(customerId, await town.benefit({ one: 'PULL' }));
  await town.quiet();
  expect(town.access('one')[person.login]).toBe('maintain');
  await expectEven(town);
  await town.cancel(subscription);
  await town.settled();
  expect(town.access('one')[person.login]).toBe('pull');
  await expectEven(town);
  await town.cancel(second);
  await town.settled();
  expect(town.access('one')[person.login]).toBeUndefined();
});

test('of two customers with one account the last one to go takes it along', async () => {
  const benefit = await town.benefit({ one: 'PULL' });
  const first = await town.subscriber('GITHUB', benefit);
  const customerId = await town.customer();
  await town.link(customerId, 'GITHUB', first.person);
  const subscription = await town.subscribe(customerId, benefit);
  await town.quiet();
  await town.cancel(first.subscription);
  await town.settled();
  expect(town.access('one')[first.person.login]).toBe('pull');
  await expectEven(town);
  await town.cancel(subscription);
  await town.settled();
  expect(town.access('one')[first.person.login]).toBeUndefined();
});

test('two purchases that end at the same moment take it away once', async () => {
  const benefit = await town.benefit({ two: 'PULL' });
  const first = await town.subscriber('GITHUB', benefit);
  const customerId = await town.customer();
  await town.link(customerId, 'GITHUB', first.person);
  const others = [await town.subscribe(customerId, benefit), await town.subscribe(first.customerId, benefit)];
  await town.quiet();
  town.hub.accept('acme/two', first.person.login);
  town.hub.forgetCalls();
  await Promise.all([first.subscription, ...others].map(town.cancel));
  await town.settled();
  expect(town.access('two')).toEqual({});
  expect(town.hub.counts().byRoute['DELETE /repos/{owner}/{repo}/collaborators/{username}']).toBe(1);
});

test('what the owner gave by hand is raised, put back, and never taken', async () => {
  const [customerId, person] = [await town.customer(), town.person()];
  town.letIn('one', person, 'pull');
  await town.link(customerId, 'GITHUB', person);
  const subscription = await town.subscribe(customerId, await town.benefit({ one: 'PUSH' }));
  await town.quiet();
  expect(town.access('one')[person.login]).toBe('push');
  await town.cancel(subscription);
  await town.settled();
  expect(town.access('one')[person.login]).toBe('pull');
});

test('another account takes the place of the first, and the first again when that one is unlinked', async () => {
  const { customerId, person } = await town.subscriber('GITHUB', await town.benefit({ one: 'PULL', two: 'PUSH' }));
  const other = town.person();
  await town.link(customerId, 'GITHUB', other);
  await town.settled();
  expect([town.access('one')[person.login], town.access('one')[other.login]]).toEqual([undefined, 'pull']);
  await expectEven(town);
  await town.unlink(customerId, 'GITHUB');
  await town.settled();
  expect([town.access('two')[person.login], town.access('two')[other.login]]).toEqual(['push', undefined]);
  await expectEven(town);
  await town.unlink(customerId, 'GITHUB');
  await town.settled();
  expect(town.access('one')[person.login]).toBeUndefined();
  expect(await town.grant(customerId)).toMatchObject({ state: 'CREATED', attention: { code: 'CONNECT_GITHUB' } });
});

test('a benefit that names another repository, or another permission, moves everybody there', async () => {
  const benefit = await town.benefit({ one: 'PULL' });
  const { customerId, person } = await town.subscriber('GITHUB', benefit);
  await town.edit(benefit, { two: 'TRIAGE' });
  await town.settled();
  expect([town.access('one')[person.login], town.access('two')[person.login]]).toEqual([undefined, 'triage']);
  await expectEven(town);
  town.hub.accept('acme/two', person.login);
  await town.edit(benefit, { two: 'ADMIN' });
  await town.settled();
  expect(town.access('two')[person.login]).toBe('admin');
  await expectEven(town);
  await town.edit(benefit, { two: 'PULL', three: 'PULL' });
  await town.settled();
  expect([town.access('two')[person.login], town.access('three')[person.login]]).toEqual(['pull', 'pull']);
  expect(await town.grant(customerId)).toMatchObject({ state: 'ACTIVE', attention: null });
});

test('an account that only looks like the one that was linked is not let in', async () => {
  const [customerId, person] = [await town.customer(), town.person()];
  await town.link(customerId, 'GITHUB', person);
  town.hub.rename(person.login, 'renamed');
  town.hub.addUser(person.login);
  await town.subscribe(customerId, await town.benefit({ three: 'PULL' }));
  await town.settled();
  expect(town.access('three')).toMatchObject({ renamed: 'pull' });
  expect(town.access('three')[person.login]).toBeUndefined();
});

test('of two linked accounts the one that is chosen is let in', async () => {
  const { customerId, person } = await town.subscriber('GITHUB', await town.benefit({ three: 'PULL' }));
  const other = town.person();
  await town.link(customerId, 'GITHUB', other);
  await town.settled();
  expect(town.access('three')).toMatchObject({ [other.login]: 'pull' });
  const { customer } = await town.ask(`query ($id: ID!) { customer(by: { id: $id }) { accounts { id accountId } } }`, {
    id: customerId,
  });
  const first = customer.accounts.find(({ accountId }: { accountId: string }) => accountId === String(person.id));
  await town.call('useAccount', { id: first.id }, 'customer { id }');
  await town.settled();
  expect(town.access('three')).toMatchObject({ [person.login]: 'pull' });
  expect(town.access('three')[other.login]).toBeUndefined();
});

test('when the invitations of a day are used up, a grant says until when it waits, and GitHub is not asked', async () => {
  town.repository('busy');
  const benefit = await town.benefit({ busy: 'PULL' });
  const { id } = town.hub.repository('acme/busy');
  const rows = Array.from({ length: 50 }, () => ({ name: `invitations of repository ${id}`, at: town.now() }));
  await town.database.prisma.allowanceUse.createMany({ data: rows });
  // Nobody looks meanwhile after what others were given.
  await town.database.prisma.benefit.updateMany({ data: { lookedAt: town.now() } });
  await town.quiet();
  town.hub.forgetCalls();
  const { customerId, person } = await town.subscriber('GITHUB', benefit);
  const grant = await town.grant(customerId);
  expect(grant).toMatchObject({ state: 'CREATED', attention: { code: 'INVITATION_LIMIT', actor: 'SYSTEM' } });
  const wait = Date.parse(grant.attention.retryAt) - town.now().getTime();
  expect(wait).toBeGreaterThan(DAY_MS - 10 * MINUTE_MS);
  expect(grant.attention.message).toContain(new Date(Date.parse(grant.attention.retryAt)).toISOString().slice(0, 15));
  expect(town.hub.calls.filter(({ route }) => /collaborators|graphql/.test(route))).toEqual([]);
  await expectEven(town);
  town.passTime(wait);
  await town.settled();
  expect(town.access('busy')).toEqual({ [person.login]: 'pull' });
});

test('who leaves while they wait for an invitation keeps no place in the line for it', async () => {
  town.repository('left');
  const benefit = await town.benefit({ left: 'PULL' });
  const name = `invitations of repository ${town.hub.repository('acme/left').id}`;
  const { allowanceUse, allowanceTurn } = town.database.prisma;
  await allowanceUse.createMany({ data: Array.from({ length: 50 }, () => ({ name, at: town.now() })) });
  const { subscription } = await town.subscriber('GITHUB', benefit);
  expect(await allowanceTurn.count({ where: { name } })).toBe(1);
  await town.cancel(subscription);
  await town.quiet();
  expect(await allowanceTurn.count({ where: { name } })).toBe(0);
});

test('whose benefit no longer names what they wait for leaves the line, and is let in elsewhere at once', async () => {
  for (const one of ['full', 'free']) town.repository(one);
  const benefit = await town.benefit({ full: 'PULL' });
  const name = `invitations of repository ${town.hub.repository('acme/full').id}`;
  const { allowanceUse, allowanceTurn } = town.database.prisma;
  await allowanceUse.createMany({ data: Array.from({ length: 50 }, () => ({ name, at: town.now() })) });
  const { customerId, person } = await town.subscriber('GITHUB', benefit);
  expect(await town.grant(customerId)).toMatchObject({ attention: { code: 'INVITATION_LIMIT' } });
  expect(await allowanceTurn.count({ where: { name } })).toBe(1);
  await town.edit(benefit, { free: 'PULL' });
  await town.quiet();
  expect(town.access('free')).toEqual({ [person.login]: 'pull' });
  expect(await town.grant(customerId)).toMatchObject({ state: 'ACTIVE', attention: null });
  expect(await allowanceTurn.count({ where: { name } })).toBe(0);
});

test.each([
  ['of a person, where GitHub lets everybody write', 'somebody', 'owner'],
  ['that is not there', 'acme', 'name'],
  ['where the App is not installed', 'elsewhere', 'owner'],
])('a repository %s is refused by name', async (_, owner, field) => {
  if (owner === 'somebody') {
    town.hub.addUser(owner);
    town.hub.install(owner);
    town.hub.addRepository(`${owner}/code`);
  }
  const properties = { githubRepository: { repositories: [{ owner, name: 'code' }] } };
  expect(await town.call('createBenefit', { description: 'Code', properties }, 'benefit { id }')).toMatchObject({
    __typename: 'InvalidInputError',
    path: ['properties', 'githubRepository', 'repositories', '0', field],
  });
});
