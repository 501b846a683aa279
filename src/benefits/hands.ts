import type { BenefitGrant, Prisma } from '../../prisma/generated/client/client.ts';
import { accessToken } from '../domain/accounts/tokens.ts';
import * as allowances from '../domain/allowances.ts';
import * as customers from '../domain/customers.ts';
import { isEntitled } from '../domain/grants/work.ts';
import * as integrations from '../domain/integrations/integrations.ts';
import * as resources from '../domain/resources.ts';
import { after, MINUTE_MS } from '../lib/time.ts';
import type { Transaction, Tx } from '../platform/unit-of-work.ts';
import type { Hands, Order } from './kind.ts';
import type { Means } from './means.ts';

/** Whoever began to remove an access and was not heard of since has lost it to the next. */
const REMOVAL_MS = MINUTE_MS;

/** What a kind may do between its calls to a third party, each in a transaction of its own. */
export function openHands(
  transaction: Transaction,
  order: Order<unknown, unknown>,
  signal: AbortSignal,
  means: Means,
  now: () => Date,
): Hands<unknown> & { claim(claims: readonly resources.Claim[]): Promise<boolean>; forget(): Promise<void> } {
  const { organizationId, id: grantId } = order.grant;
  const claimant = { organizationId, grantId };
  const { read } = means.database;
  const together: Hands<unknown>['together'] = (work) =>
    transaction(async (tx) => {
      // First the customer, then what several customers share: in this order everywhere.
      await customers.lock(tx, organizationId, order.customer.id, ['id']);
      return work({
        stood: async <Found extends object>(key: string, found: Found) =>
          (await resources.stood(tx, claimant, key, found as Prisma.InputJsonObject)) as Found,
        record: async (held) => isEntitled(await keepHeld(tx, grantId, held), tx.now),
        allow: (wanted) => allowances.use(tx, grantId, wanted),
      });
    });
  return {
    signal,
    means,
    now,
    together,
    claim: (claims) => transaction((tx) => resources.claim(tx, claimant, claims)),
    forget: () =>
      transaction(async (tx) => {
        await resources.forget(tx, claimant);
        await allowances.giveUp(tx, grantId);
      }),
    record: (held) => together((at) => at.record(held)),
    release: (key) => transaction((tx) => resources.release(tx, claimant, key, after(tx.now, REMOVAL_MS))),
    removed: (key) => transaction((tx) => resources.removed(tx, claimant, key)),
    // Who need not wait learns it without a lock.
    turn: async (wanted) =>
      wanted.length > 0 && (await allowances.turnOf(read, grantId, wanted, now()))
        ? transaction((tx) => allowances.waitFor(tx, grantId, wanted))
        : null,
    waitOnlyFor: (names) => transaction((tx) => allowances.giveUp(tx, grantId, names)),
    accessToken: (id, refresh, options) => accessToken(transaction, id, refresh, options),
    note: (place, problem) => transaction((tx) => integrations.note(tx, { organizationId, ...place }, problem)),
    level: (key) => resources.highestLevel(read, organizationId, key, now()),
  };
}

/** Answers what decides whether the grant is entitled. */
async function keepHeld(tx: Tx, grantId: string, held: unknown) {
  const [grant] = await tx.run<Pick<BenefitGrant, 'entitledUntil' | 'stoppedAt'>>('keep held', KEEP_HELD, [
    grantId,
    JSON.stringify(held),
  ]);
  if (!grant) throw new Error(`There is no grant ${grantId}.`);
  return grant;
}

const KEEP_HELD = 'UPDATE "BenefitGrant" SET held = $2 WHERE id = $1 RETURNING "entitledUntil", "stoppedAt"';
