import type { LoadedCustomer, LoadedGrant } from '../domain/grants/facts.ts';
import type { Standing, Work } from '../domain/grants/work.ts';
import type { Claim } from '../domain/resources.ts';
import * as resources from '../domain/resources.ts';
import type { Transaction } from '../platform/unit-of-work.ts';
import { openHands } from './hands.ts';
import type { Kind, Order } from './kind.ts';
import type { Means } from './means.ts';
import { done, type Outcome, retryAfter, unknownKind } from './outcome.ts';

/** How long one call to a kind that works outside may take. */
export const CALL_MS = 50_000;
const REMOVAL_WAIT_SECONDS = 2;

export interface CallOptions {
  transaction: Transaction;
  means: Means;
  /** How long a kind may be at work outside, in milliseconds. */
  callMs?: number;
}

/** One thing to be done about one grant. */
export interface Step {
  customer: LoadedCustomer;
  grant: LoadedGrant;
  work: Work;
  /** When the grant was last changed before. */
  unchangedSince: Date;
  /** What its benefit and its source said when it was begun: what is kept is kept to that, whatever they say by then. */
  standing: Standing;
  /** Until when other workers are kept out meanwhile; null where nobody leaves the database. */
  lease: Date | null;
  /** Undefined when no kind of that type is registered any more. */
  kind: Kind | undefined;
  order: Order<Record<string, unknown>, Record<string, unknown> | null>;
  /** Of a withdrawal: what the customer's other grants have yet to be given. It must not be taken away before. */
  ahead: readonly { grantId: string; claims: readonly Claim[] }[];
}

/**
 * Keeps a promise at a third party. No transaction is open meanwhile; `hands` opens small ones. A kind that does not
 * come back when its time is up is not waited for.
 */
export async function callOutside(options: CallOptions, step: Step): Promise<Outcome<unknown>> {
  const signal = AbortSignal.timeout(options.callMs ?? CALL_MS);
  const { promise: timeIsUp, resolve } = Promise.withResolvers<Outcome<unknown>>();
  signal.addEventListener('abort', () =>
    resolve(retryAfter(null, 'TIMED_OUT', 'It took too long; it will be tried again.')),
  );
  return Promise.race([call(options, step, signal), timeIsUp]);
}

async function call({ transaction, means }: CallOptions, step: Step, signal: AbortSignal): Promise<Outcome<unknown>> {
  const { kind, order, work, grant, ahead } = step;
  if (kind?.keep.where !== 'outside') return unknownKind(grant.benefit.type);
  const began = performance.now();
  const hands = openHands(
    transaction,
    order,
    signal,
    means,
    () => new Date(order.now.getTime() + performance.now() - began),
  );
  const { organizationId } = grant;
  for (const { grantId, claims } of ahead)
    await transaction((tx) => resources.claim(tx, { organizationId, grantId }, claims));
  if (work !== 'withdraw') {
    const free = await hands.claim(kind.keep.claims(order));
    if (!free)
      return retryAfter(REMOVAL_WAIT_SECONDS, 'BEING_REMOVED', 'The same access is being removed for another grant.');
    return kind.keep.deliver(order, hands);
  }
  const outcome = order.held === null ? done(null) : await kind.keep.withdraw({ ...order, held: order.held }, hands);
  if (outcome.is === 'done') await hands.forget();
  return outcome;
}
