import type { Prisma } from '../../prisma/generated/client/client.ts';
import { accessToken } from '../domain/accounts/tokens.ts';
import * as allowances from '../domain/allowances.ts';
import * as customers from '../domain/customers.ts';
import { isEntitled } from '../domain/grants/work.ts';
import * as integrations from '../domain/integrations/integrations.ts';
import * as resources from '../domain/resources.ts';
import { after, MINUTE_MS } from '../lib/time.ts';
import type { Transaction } from '../platform/unit-of-work.ts';
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
  return {
    signal,
    means,
    now,
    claim: (claims) => transaction((tx) => resources.claim(tx, claimant, claims)),
    forget: () => transaction((tx) => resources.forget(tx, claimant)),
    stood: async <Found extends object>(key: string, found: Found) =>
      (await transaction((tx) => resources.stood(tx, claimant, key, found as Prisma.InputJsonObject))) as Found,
    record: (held) =>
      transaction(async (tx) => {
        await customers.lock(tx, organizationId, order.customer.id, ['id']);
        const grant = await tx.db.benefitGrant.update({
          where: { id: grantId },
          data: { held: held as Prisma.InputJsonObject },
        });
        return isEntitled(grant, tx.now);
      }),
    release: (key) => transaction((tx) => resources.release(tx, claimant, key, after(tx.now, REMOVAL_MS))),
    removed: (key) => transaction((tx) => resources.removed(tx, claimant, key)),
    allow: (wanted) => transaction((tx) => allowances.use(tx, wanted)),
    allowed: (wanted) => transaction((tx) => allowances.freeAt(tx, wanted)),
    accessToken: (id, refresh, options) => accessToken(transaction, id, refresh, options),
    note: (place, problem) => transaction((tx) => integrations.note(tx, { organizationId, ...place }, problem)),
    level: (key) => transaction((tx) => resources.highestLevel(tx, organizationId, key)),
  };
}
