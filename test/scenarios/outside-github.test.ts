import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
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
