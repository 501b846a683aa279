import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openTown, type Town } from '../support/town.ts';
import { expectEven } from '../support/town-ledger.ts';

vi.setConfig({ testTimeout: 60_000 });

let town: Town;
beforeAll(async () => {
  town = await openTown({ limits: 'on' });
});
afterAll(() => town?.[Symbol.asyncDispose]());

const integrationNamed = async (name: string) => {
  const { integrations } = await town.ask(
    `{ integrations { name health { isWell problem { code message } budget { limit remaining resetsAt } } } }`,
  );
  return integrations.find((one: { name: string }) => one.name === name);
};

/** The ids of the grants that need the merchant. */
async function toDo(): Promise<string[]> {
  const { benefitGrants } = await town.ask(
    `{ benefitGrants(filter: { attentionActor: MERCHANT }, first: 100) { edges { node { id attention { actor } } } } }`,
  );
  return benefitGrants.edges.map(({ node }: { node: { id: string } }) => node.id).sort();
}

test('the merchant reads what may still be asked, what is missing, and which grants wait for them', async () => {
  town.repository('code');
  const benefit = await town.benefit({ code: 'PULL' });
  const first = await town.subscriber('GITHUB', benefit);
  expect(await integrationNamed('acme')).toMatchObject({ health: { isWell: true, problem: null } });
  const { limit, remaining, resetsAt } = (await integrationNamed('acme')).health.budget;
  expect(limit).toBe(5_000);
  expect(remaining).toBeGreaterThan(0);
  expect(remaining).toBeLessThan(limit);
  expect(Date.parse(resetsAt)).toBeGreaterThan(town.now().getTime());
  expect(await toDo()).toEqual([]);

  town.hub.suspend('acme');
  const stuck = [await town.subscriber('GITHUB', benefit), await town.subscriber('GITHUB', benefit)];
  expect(await integrationNamed('acme')).toMatchObject({
    health: { isWell: false, problem: { code: 'APP_SUSPENDED', message: expect.stringContaining('unsuspend') } },
  });
  const ids = await Promise.all(stuck.map(async ({ customerId }) => (await town.grant(customerId)).id as string));
  expect(await toDo()).toEqual(ids.sort());
  await expectEven(town);

  town.hub.suspend('acme', false);
  for (const id of ids) await town.retry(id);
  await town.settled();
  expect(await toDo()).toEqual([]);
  expect(Object.keys(town.access('code')).sort()).toEqual([first, ...stuck].map(({ person }) => person.login).sort());
  await expectEven(town);
});
