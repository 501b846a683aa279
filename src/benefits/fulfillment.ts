import * as customers from '../domain/customers.ts';
import type { LoadedCustomer, LoadedGrant } from '../domain/grants/facts.ts';
import { compare, nextInstant, standingOf } from '../domain/grants/reconcile.ts';
import { isDue, isParked, missing, type Work } from '../domain/grants/work.ts';
import * as rollouts from '../domain/rollouts.ts';
import * as settlements from '../domain/settlements.ts';
import { after } from '../lib/time.ts';
import type { Log } from '../platform/log.ts';
import type { Tx } from '../platform/unit-of-work.ts';
import { CALL_MS, type CallOptions, callOutside, keepInRows, type Step } from './attempt.ts';
import { conclude } from './conclusion.ts';
import type { Kind } from './kind.ts';
import { orderOf } from './order.ts';
import { type Outcome, retryAfter } from './outcome.ts';

export interface FulfillmentOptions extends CallOptions {
  kinds: readonly Kind[];
  log: Log;
}

/** Whoever called a third party and has not come back by then is taken for dead, and another may try. */
const LEASE_MS = CALL_MS + 10_000;

/**
 * Settles one customer: what they are no longer entitled to is withdrawn, then what they lack is delivered, in the
 * order attached. What lies in our own rows is done in one transaction. Around every call to a third party the
 * transaction ends, and entitlement is read again.
 */
export const settle = (options: FulfillmentOptions, customerId: string): Promise<void> =>
  passThrough(options, { customerId, kinds: options.kinds, leaves: true, tried: new Set(), attempted: null });

/** The same as far as it goes without waiting for a third party; from there on it is handed over to whoever may wait. */
export const settleHere = (options: FulfillmentOptions, customerId: string): Promise<void> =>
  passThrough(options, { customerId, kinds: options.kinds, leaves: false, tried: new Set(), attempted: null });

async function passThrough(options: FulfillmentOptions, pass: Pass): Promise<void> {
  for (;;) {
    try {
      const { step, tried } = await options.transaction((tx) => settleRows(tx, pass));
      if (!step) return;
      pass.tried = tried;
      const outcome = await callOutside(options, step);
      await options.transaction((tx) => record(tx, step, outcome));
    } catch (error) {
      if (!pass.attempted) throw error;
      await recordFault(options, pass.attempted, error);
    }
  }
}

interface Pass {
  kinds: readonly Kind[];
  customerId: string;
  /** Whether it may leave the database and call third parties. */
  leaves: boolean;
  /** What was tried since settlement began is not tried again before its time. */
  tried: ReadonlySet<string>;
  /** The step under way: what an exception is about. */
  attempted: Step | null;
}

/** How far a transaction came: with the step that must leave the database, if any, and all that was tried until then. */
interface Progress {
  step: Step | null;
  tried: ReadonlySet<string>;
}

/** Under the customer's lock, does what needs nobody else. */
async function settleRows(tx: Tx, pass: Pass): Promise<Progress> {
  const { customerId } = pass;
  const tried = new Set(pass.tried);
  pass.attempted = null;
  if (!(await customers.lockById(tx, customerId))) return { step: null, tried };
  const customer = await compare(tx, customerId);
  if (customer.settlingUntil && customer.settlingUntil > tx.now) {
    await tx.db.customer.update({ where: { id: customerId }, data: { settleAt: customer.settlingUntil } });
    return { step: null, tried };
  }
  for (let step = nextStep(tx, pass, customer, tried); step; step = nextStep(tx, pass, customer, tried)) {
    tried.add(nameOf(step));
    pass.attempted = step;
    if (step.kind?.keep.where === 'outside') {
      if (!pass.leaves) {
        await settlements.handOver(tx, customerId);
        return { step: null, tried };
      }
      pass.attempted = await leave(tx, pass, step);
      return { step: pass.attempted, tried };
    }
    await conclude(tx, step, await keepInRows(tx, step));
  }
  pass.attempted = null;
  await rollouts.reached(
    tx,
    customerId,
    customer.rollouts.map((row) => row.rolloutId),
  );
  await tx.db.customer.update({ where: { id: customerId }, data: { settleAt: nextInstant(customer, tx.now) } });
  return { step: null, tried };
}

/** Withdrawals first; then by purchase, and within one in the order of its product. */
function nextStep(tx: Tx, { kinds }: Pass, customer: LoadedCustomer, tried: ReadonlySet<string>): Step | null {
  const [next] = customer.grants
    .filter((grant) => isDue(grant, tx.now) || isEdited(customer, grant))
    .flatMap((grant) => {
      const standing = standingOf(customer, grant);
      const work = missing(grant, standing, tx.now);
      return work && !tried.has(nameOf({ work, grant })) ? [{ grant, work, standing }] : [];
    })
    .sort(
      (a, b) =>
        rank(a.work) - rank(b.work) ||
        a.grant.createdAt.getTime() - b.grant.createdAt.getTime() ||
        a.grant.position - b.grant.position,
    );
  if (!next) return null;
  const kind = kinds.find((candidate) => candidate.type === next.grant.benefit.type);
  return {
    ...next,
    customer,
    kind,
    lease: null,
    order: orderOf(customer, next.grant, kind, next.work, tx.now),
    ahead: [],
  };
}

/** It waits for somebody to act, but its benefit was edited since: what was in the way may be gone. */
const isEdited = (customer: LoadedCustomer, grant: LoadedGrant): boolean =>
  isParked(grant) && customer.rollouts.some(({ rollout }) => rollout.benefitId === grant.benefitId);

const nameOf = ({ work, grant }: Pick<Step, 'work' | 'grant'>): string => `${work} ${grant.id}`;

const rank = (work: Work): number => (work === 'withdraw' ? 0 : 1);

/** Keeps other workers out while a third party is called for this customer. */
async function leave(tx: Tx, { kinds }: Pass, step: Step): Promise<Step> {
  const lease = after(tx.now, LEASE_MS);
  await tx.db.customer.update({ where: { id: step.customer.id }, data: { settlingUntil: lease, settleAt: lease } });
  if (step.work !== 'withdraw') return { ...step, lease };
  // From here on nobody knows how much of it is left: if it is due again, it is to be given again.
  await tx.db.benefitGrant.update({ where: { id: step.grant.id }, data: { appliedVersion: 0 } });
  return { ...step, lease, ahead: claimsAhead(kinds, step.customer, tx.now) };
}

/** The access that grants of a customer stand for which are still to be delivered, or delivered again. */
const claimsAhead = (kinds: readonly Kind[], customer: LoadedCustomer, now: Date): Step['ahead'] =>
  customer.grants.flatMap((grant) => {
    const work = missing(grant, standingOf(customer, grant), now);
    const kind = kinds.find((candidate) => candidate.type === grant.benefit.type);
    const keep = kind?.keep;
    if ((work !== 'deliver' && work !== 'reapply') || keep?.where !== 'outside') return [];
    return [{ grantId: grant.id, claims: keep.claims(orderOf(customer, grant, kind, work, now)) }];
  });

/** After a call: another lock, the grant as it is by now, and what became of the step. */
async function record(tx: Tx, step: Step, outcome: Outcome<unknown>): Promise<void> {
  const { id } = step.customer;
  await customers.lockById(tx, id);
  const customer = await compare(tx, id);
  const grant = customer.grants.find((candidate) => candidate.id === step.grant.id) ?? step.grant;
  await conclude(tx, { ...step, customer, grant }, outcome);
  // Who was taken for dead must not end the lease of the one who came after.
  await tx.db.customer.updateMany({ where: { id, settlingUntil: step.lease }, data: { settlingUntil: null } });
}

/** A kind that throws is our fault, not the customer's: the other benefits go on, and this one is tried again later. */
async function recordFault({ transaction, log }: FulfillmentOptions, step: Step, error: unknown): Promise<void> {
  log.error('A benefit could not be settled and will be tried again.', {
    grant: step.grant.id,
    work: step.work,
    error,
  });
  const outcome = retryAfter(null, 'INTERNAL_ERROR', 'Something went wrong on our side; it will be tried again.');
  await transaction((tx) => record(tx, step, outcome));
}
