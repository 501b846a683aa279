import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { MINUTE_MS } from '../../src/lib/time.ts';
import { type BoonProcess, spawnCommand } from '../support/process.ts';
import { openTown, type Town } from '../support/town.ts';
import { expectEven } from '../support/town-ledger.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const PATIENCE_MS = 60_000;
/** Longer than somebody who was taken for dead is waited for. */
const LATER_MS = 2 * MINUTE_MS;

let town: Town;
/** By how much the next worker's clock is ahead, so that nobody has to wait until its predecessor is taken for dead. */
let ahead = 0;
beforeAll(async () => {
  town = await openTown({ role: 'api' });
  town.repository('one');
});
afterAll(async () => {
  await working?.[Symbol.asyncDispose]();
  await town?.[Symbol.asyncDispose]();
});

let working: BoonProcess | undefined;

async function start(): Promise<BoonProcess> {
  const args = [process.execPath, 'test/support/worker-process.ts', town.databaseUrl, '', String(ahead)];
  working = spawnCommand(args, { PATH: process.env.PATH ?? '', ...town.sandbox.environment });
  ahead += LATER_MS;
  await working.says('working');
  return working;
}

/** A worker is killed once this call had its effect and before it is answered; another one finds what it left. */
async function killedAt(route: string, act: () => Promise<unknown>, came: () => Promise<unknown>): Promise<void> {
  const first = working ?? (await start());
  town.during(route, async () => {
    first.child.kill('SIGKILL');
    await first.ended;
  });
  await act();
  expect(await first.ended).toBe('SIGKILL');
  await start();
  await expect.poll(came, { timeout: PATIENCE_MS }).toBe(true);
  await expectEven(town);
}

const isIn = (customerId: string, state: string) => async () => (await town.grant(customerId)).state === state;

test('a worker killed after GitHub answered and before that was written down leaves nothing behind', async () => {
  const [customerId, person] = [await town.customer(), town.person()];
  await town.link(customerId, 'GITHUB', person);
  const benefit = await town.benefit({ one: 'PULL' });
  let subscription = '';
  await killedAt(
    'PUT /repos/{owner}/{repo}/collaborators/{username}',
    async () => {
      subscription = await town.subscribe(customerId, benefit);
    },
    isIn(customerId, 'ACTIVE'),
  );
  expect(town.access('one')).toEqual({ [person.login]: 'pull' });
  await killedAt(
    'DELETE /repos/{owner}/{repo}/invitations/{invitation_id}',
    () => town.cancel(subscription),
    isIn(customerId, 'REVOKED'),
  );
  expect(town.access('one')).toEqual({});
});

test('nor does one that was killed after Discord answered', async () => {
  const [customerId, person] = [await town.customer(), town.person()];
  await town.link(customerId, 'DISCORD', person);
  const benefit = await town.benefit(['Premium'], { kickOnRevoke: true });
  let subscription = '';
  await killedAt(
    'PUT /guilds/{guild_id}/members/{user_id}',
    async () => {
      subscription = await town.subscribe(customerId, benefit);
    },
    isIn(customerId, 'ACTIVE'),
  );
  await town.cancel(subscription);
  await expect.poll(isIn(customerId, 'REVOKED'), { timeout: PATIENCE_MS }).toBe(true);
  await expectEven(town);
  expect(town.rolesOf(person)).toBeNull();
});
