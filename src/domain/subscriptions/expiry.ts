import type { Subscription } from '../../../prisma/generated/client/client.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import * as decisions from './decisions.ts';
import { write } from './writing.ts';

/** Writes down what time has done to a customer's subscriptions. Answers whether it did anything. */
export async function expire(tx: Tx, subscriptions: readonly Subscription[]): Promise<boolean> {
  let changed = false;
  for (const { id, ...rest } of subscriptions) {
    if (!decisions.expire({ id, ...rest }, tx.now)) continue;
    const subscription = await tx.db.subscription.findUniqueOrThrow({ where: { id } });
    await write(tx, subscription, 'subscription.ended', decisions.expire(subscription, tx.now));
    changed = true;
  }
  return changed;
}
