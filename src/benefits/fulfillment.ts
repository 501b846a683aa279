import * as customers from '../domain/customers.ts';
import type { LoadedCustomer } from '../domain/grants/facts.ts';
import { compareOne } from '../domain/grants/reconcile.ts';
import * as settlements from '../domain/settlements.ts';
import type { Log } from '../platform/log.ts';
import type { Tx } from '../platform/unit-of-work.ts';
import { type CallOptions, callOutside, type Step } from './attempt.ts';
import { type Concluded, conclude } from './conclusion.ts';
import type { Kind } from './kind.ts';
import { retryAfter } from './outcome.ts';
import { type Pass, type Progress, settleRows } from './rounds.ts';

export interface FulfillmentOptions extends CallOptions {
  kinds: readonly Kind[];
  log: Log;
}

/**
 * Settles one customer: what they are no longer entitled to is withdrawn, then what they lack is delivered, in the
 * order attached. What lies in our own rows is done in one transaction. Around every call to a third party the
 * transaction ends, and entitlement is read again.
 */
export const settle = (options: FulfillmentOptions, customerId: string): Promise<void> =>
  settleAlone(options, customerId, { leaves: true });

/**
 * The same for many customers, as far as it goes without waiting for a third party; from there on it is handed over to
 * whoever may wait. They share a transaction, but not their fate: one whom somebody else is at is waited for alone, and
 * one with whom something goes wrong fails alone. Answers, for each, what was in the way of even trying.
 */
export async function settleHere(
  options: FulfillmentOptions,
  customerIds: readonly string[],
): Promise<(Error | undefined)[]> {
  const failures = new Map<string, Error>();
  await settleTogether(options, [...new Set(customerIds)], failures);
  return customerIds.map((id) => failures.get(id));
}

async function settleTogether(
  options: FulfillmentOptions,
  customerIds: readonly string[],
  failures: Map<string, Error>,
): Promise<void> {
  const [first] = customerIds;
  if (first === undefined) return;
  if (customerIds.length === 1) {
    await settleAlone(options, first, { leaves: false }).catch((error: Error) => void failures.set(first, error));
    return;
  }
  const pass = beginPass(options, customerIds, { leaves: false });
  const progress = await options
    .transaction((tx) => settleRows(tx, pass))
    .catch((error: Error) => {
      // What goes wrong before they are looked at is not about them.
      if (!pass.begun) for (const id of customerIds) failures.set(id, error);
      else
        options.log.warn('Customers who were settled together are settled apart.', {
          count: customerIds.length,
          error,
        });
      return null;
    });
  if (!pass.begun) return;
  const left = customerIds.filter((id) => !progress?.reached.has(id));
  // Nothing of what went wrong stands. The half in which it goes wrong again is halved again.
  const middle = progress && left.length < customerIds.length ? left.length : Math.ceil(left.length / 2);
  await settleTogether(options, left.slice(0, middle), failures);
  await settleTogether(options, left.slice(middle), failures);
}

async function settleAlone(
  options: FulfillmentOptions,
  customerId: string,
  { leaves }: { leaves: boolean },
): Promise<void> {
  const pass = beginPass(options, [customerId], { leaves });
  let called: Concluded | null = null;
  for (;;) {
    try {
      const { step, tried }: Progress = await options.transaction(async (tx) =>
        settleRows(tx, pass, called ? await record(tx, called) : null),
      );
      called = null;
      if (!step) return;
      pass.tried = tried;
      called = { step, outcome: await callOutside(options, step) };
    } catch (error) {
      const [{ attempted }, before]: [Pass, Concluded | null] = [pass, called];
      called = null;
      // What became of the call stands, whatever went wrong with what comes after it.
      if (before && before.step !== attempted) await options.transaction((tx) => record(tx, before));
      if (!attempted) throw error;
      await recordFault(options, attempted, error);
    }
  }
}

const beginPass = (
  { kinds }: FulfillmentOptions,
  customerIds: readonly string[],
  { leaves }: { leaves: boolean },
): Pass => ({
  kinds,
  customerIds,
  leaves,
  begun: false,
  tried: new Set(),
  attempted: null,
});

/**
 * After a call: another lock, the grant as it is by now, and what became of the step. Answers the customer as they then
 * stand.
 */
async function record(tx: Tx, { step, outcome }: Concluded): Promise<LoadedCustomer> {
  const { id } = step.customer;
  await customers.lockById(tx, id);
  const customer = await compareOne(tx, id);
  const grant = customer.grants.find((candidate) => candidate.id === step.grant.id) ?? step.grant;
  await conclude(tx, [{ step: { ...step, customer, grant }, outcome }]);
  // Who was taken for dead must not end the lease of the one who came after.
  if (customer.settlingUntil?.getTime() !== step.lease?.getTime()) return customer;
  await settlements.endLease(tx, id);
  return { ...customer, settlingUntil: null };
}

/** A kind that throws is our fault, not the customer's: the other benefits go on, and this one is tried again later. */
async function recordFault({ transaction, log }: FulfillmentOptions, step: Step, error: unknown): Promise<void> {
  log.error('A benefit could not be settled and will be tried again.', {
    grant: step.grant.id,
    work: step.work,
    error,
  });
  const outcome = retryAfter(null, 'INTERNAL_ERROR', 'Something went wrong on our side; it will be tried again.');
  await transaction((tx) => record(tx, { step, outcome }));
}
