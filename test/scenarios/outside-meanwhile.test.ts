import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { openTown, type Town } from '../support/town.ts';
import { expectEven } from '../support/town-ledger.ts';

vi.setConfig({ testTimeout: 60_000 });

const PUT_COLLABORATOR = 'PUT /repos/{owner}/{repo}/collaborators/{username}';
const REMOVE_COLLABORATOR = 'DELETE /repos/{owner}/{repo}/collaborators/{username}';
const FORBIDDEN = { status: 403, body: { message: 'Resource not accessible by integration', documentation_url: 'x' } };

let town: Town;
beforeAll(async () => {
  town = await openTown();
  for (const name of ['one', 'two']) town.repository(name);
});
afterEach(async () => {
  town.calm();
  await expectEven(town);
});
afterAll(() => town?.[Symbol.asyncDispose]());

/** A customer whose purchase is under way while somebody acts, at the moment GitHub refuses. */
async function refusedMeanwhile(benefit: string, act: (customerId: string) => Promise<unknown>) {
  const [customerId, person] = [await town.customer(), town.person()];
  await town.link(customerId, 'GITHUB', person);
  town.hub.fail(FORBIDDEN, { route: PUT_COLLABORATOR });
  town.during(PUT_COLLABORATOR, () => act(customerId));
  const subscription = await town.subscribe(customerId, benefit);
  await town.settled();
  return { customerId, person, subscription };
}

test('a merchant who says to try again while the first attempt is about to fail is heard', async () => {
  const { customerId, person } = await refusedMeanwhile(await town.benefit({ one: 'PULL' }), async (customerId) =>
    town.retry((await town.grant(customerId)).id),
  );
  expect(town.access('one')).toMatchObject({ [person.login]: 'pull' });
  expect(await town.grant(customerId)).toMatchObject({ state: 'ACTIVE', attention: null });
});

test('so is one who says it once more while another attempt is about to fail', async () => {
  const { customerId, person } = await refusedMeanwhile(await town.benefit({ one: 'PULL' }), async () => {});
  expect(await town.grant(customerId)).toMatchObject({ attention: { code: 'MISSING_PERMISSION' } });
  const { id } = await town.grant(customerId);
  town.hub.fail(FORBIDDEN, { route: PUT_COLLABORATOR });
  town.during(PUT_COLLABORATOR, () => town.retry(id));
  await town.retry(id);
  await town.settled();
  expect(town.access('one')).toMatchObject({ [person.login]: 'pull' });
});

test('a benefit that is changed while an attempt is about to fail is given as it says by then', async () => {
  const benefit = await town.benefit({ one: 'PULL' });
  const { customerId, person } = await refusedMeanwhile(benefit, async () => {
    await town.edit(benefit, { two: 'PUSH' });
    // Everybody has been told to settle before the attempt fails.
    await vi.waitUntil(
      async () => (await town.database.prisma.rollout.count({ where: { benefitId: benefit, spreadAt: null } })) === 0,
      { timeout: 20_000 },
    );
  });
  expect([town.access('one')[person.login], town.access('two')[person.login]]).toEqual([undefined, 'push']);
  expect(await town.grant(customerId)).toMatchObject({ state: 'ACTIVE', attention: null });
});

test('a subscription that ends while it is being given leaves nothing', async () => {
  const [customerId, person] = [await town.customer(), town.person()];
  await town.link(customerId, 'GITHUB', person);
  const benefit = await town.benefit({ two: 'PULL' });
  const bought = Promise.withResolvers<string>();
  town.during(PUT_COLLABORATOR, async () => town.cancel(await bought.promise));
  bought.resolve(await town.subscribe(customerId, benefit));
  await town.settled();
  expect(town.access('two')[person.login]).toBeUndefined();
  expect(await town.grant(customerId)).toMatchObject({ state: 'REVOKED' });
});

test('a purchase that comes while the one before is being taken away is given', async () => {
  const benefit = await town.benefit({ two: 'PULL' });
  const { customerId, person, subscription } = await town.subscriber('GITHUB', benefit);
  town.hub.accept('acme/two', person.login);
  town.during(REMOVE_COLLABORATOR, () => town.subscribe(customerId, benefit));
  await town.cancel(subscription);
  await town.settled();
  expect(town.access('two')).toMatchObject({ [person.login]: 'pull' });
});

test('a retry of a removal that is about to fail is heard as well', async () => {
  const benefit = await town.benefit({ two: 'PULL' });
  const { customerId, person, subscription } = await town.subscriber('GITHUB', benefit);
  town.hub.accept('acme/two', person.login);
  const { id } = await town.grant(customerId);
  town.hub.fail(FORBIDDEN, { route: REMOVE_COLLABORATOR });
  town.during(REMOVE_COLLABORATOR, () => town.retry(id));
  await town.cancel(subscription);
  await town.quiet();
  expect(await town.grant(customerId)).toMatchObject({ state: 'REVOKED', attention: null });
});
