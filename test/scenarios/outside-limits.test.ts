import { afterAll, beforeAll, expect, test } from 'vitest';
import { readProviders } from '../../src/config.ts';
import { openGithub } from '../../src/providers/github.ts';
import { openTown, repositoryKey, type Town } from '../support/town.ts';
import { expectEven } from '../support/town-ledger.ts';

/** As many as GitHub lets an App invite in a minute. */
const A_MINUTE = 80;
/** More than Discord lets read of one server in a second. */
const CUSTOMERS = 7;

let town: Town;
beforeAll(async () => {
  town = await openTown({ limits: 'on' });
});
afterAll(() => town?.[Symbol.asyncDispose]());

test('whoever comes when the limits of GitHub and Discord are reached waits, and is given everything', async () => {
  town.repository('code');
  const benefits = [await town.benefit({ code: 'PULL' }), await town.benefit(['Premium'])];
  const comers = [];
  for (let count = 0; count < CUSTOMERS; count++) {
    const [customerId, person] = [await town.customer(), town.person()];
    await town.link(customerId, 'GITHUB', person);
    await town.link(customerId, 'DISCORD', person);
    comers.push({ customerId, person });
  }
  // Somebody else who works for the same App is ahead of us; what they do we have not counted.
  await invite(A_MINUTE - 1);
  await Promise.all(comers.map(({ customerId }) => town.subscribe(customerId, ...benefits)));
  await town.settled();

  expect(town.hub.counts().limited).toBeGreaterThan(0);
  for (const { customerId, person } of comers) {
    for (const grant of await town.grants(customerId))
      expect(grant).toMatchObject({ state: 'ACTIVE', attention: null });
    expect(town.access('code')[person.login]).toBe('pull');
    expect(town.rolesOf(person)).toEqual(['Premium']);
  }
  await expectEven(town);
});

async function invite(count: number): Promise<void> {
  const settings = readProviders(town.sandbox.environment).github;
  if (!settings) throw new Error('GitHub is not configured.');
  const { repositories, collaborators } = openGithub(settings, town.now);
  for (const name of ['left', 'right']) town.repository(name);
  for (let sent = 0; sent < count; sent++) {
    const [name, { login, id }] = [sent % 2 === 0 ? 'left' : 'right', town.person()];
    const repository = await repositories.find({ owner: 'acme', name });
    await collaborators.put(repository, login, 'PULL');
    town.byHand.set(repositoryKey(repository.id, id), 0);
  }
}
