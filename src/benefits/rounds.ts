import * as customers from '../domain/customers.ts';
import type { LoadedCustomer, LoadedGrant } from '../domain/grants/facts.ts';
import { compare, nextInstant, nextTurn, standingOf } from '../domain/grants/reconcile.ts';
import { isDue, missing, type Work } from '../domain/grants/work.ts';
import * as rollouts from '../domain/rollouts.ts';
import * as settlements from '../domain/settlements.ts';
import { after } from '../lib/time.ts';
import type { Tx } from '../platform/unit-of-work.ts';
import { CALL_MS, type Step } from './attempt.ts';
import { conclude } from './conclusion.ts';
import { keepInRows } from './keep-in-rows.ts';
import type { Kind } from './kind.ts';
import { orderOf } from './order.ts';

/** Whoever called a third party and has not come back by then is taken for dead, and another may try. */
const LEASE_MS = CALL_MS + 10_000;

/** Customers who are settled together. */
export interface Pass {
  kinds: readonly Kind[];
  customerIds: readonly string[];
  /** Whether it may leave the database and call third parties: for one customer alone. */
  leaves: boolean;
  /** Whether anything was known about them yet. */
  begun: boolean;
  /** What was tried since settlement began is not tried again before its time. */
  tried: ReadonlySet<string>;
  /** Of one customer alone, the step under way: what an exception is about. */
  attempted: Step | null;
}

/** How far a transaction came. */
export interface Progress {
  /** Those it has done with; whoever is missing was in the hands of somebody else. */
  reached: ReadonlySet<string>;
  /** The step that must leave the database, if any. */
  step: Step | null;
  tried: ReadonlySet<string>;
}

/**
 * Under the customers' locks, does what needs nobody else, in rounds: in each, every customer's next step is done, and
 * what is alike is done at once. One who is `atHand` was locked and compared in this transaction.
 */
export async function settleRows(tx: Tx, pass: Pass, atHand: LoadedCustomer | null = null): Promise<Progress> {
  const tried = new Set(pass.tried);
  pass.attempted = null;
  const held = atHand ? [] : await lock(tx, pass.customerIds);
  pass.begun = true;
  const people = atHand ? [atHand] : await compare(tx, held);
  const busy = people.filter((customer) => isBusy(customer, tx.now));
  await settlements.schedule(
    tx,
    busy.map((customer) => ({ customer, settleAt: customer.settlingUntil })),
  );
  const done: LoadedCustomer[] = [];
  const leaving: Step[] = [];
  let open = people.filter((customer) => !busy.includes(customer));
  while (open.length > 0) {
    const steps: Step[] = [];
    for (const customer of open) {
      const step = nextStep(tx, pass, customer, tried);
      if (!step) done.push(customer);
      else (step.kind?.keep.where === 'outside' ? leaving : steps).push(step);
      if (step) tried.add(nameOf(step));
    }
    if (pass.customerIds.length === 1) pass.attempted = steps[0] ?? null;
    await conclude(tx, await keepInRows(tx, steps));
    open = steps.map(({ customer }) => customer);
  }
  await finish(tx, done);
  const reached = new Set(people.map(({ id }) => id));
  const [step] = leaving;
  if (step && pass.leaves) {
    pass.attempted = await leave(tx, pass, step);
    return { reached, step: pass.attempted, tried };
  }
  await settlements.handOver(
    tx,
    leaving.map(({ customer }) => ({ customer, nextTurn: nextTurn(customer, tx.now) })),
  );
  return { reached, step: null, tried };
}

/** Who is settled alone is waited for. */
async function lock(tx: Tx, customerIds: readonly string[]): Promise<readonly string[]> {
  const [only = ''] = customerIds;
  if (customerIds.length > 1) return customers.lockFree(tx, customerIds);
  return (await customers.lockById(tx, only)) ? [only] : [];
}

/** Another worker is calling a third party for them. */
const isBusy = ({ settlingUntil }: LoadedCustomer, now: Date): boolean => settlingUntil !== null && settlingUntil > now;

async function finish(tx: Tx, people: readonly LoadedCustomer[]): Promise<void> {
  await rollouts.reached(
    tx,
    people.flatMap((customer) => customer.rollouts.map(({ rolloutId }) => ({ rolloutId, customerId: customer.id }))),
  );
  await settlements.schedule(
    tx,
    people.map((customer) => ({ customer, settleAt: nextInstant(customer, tx.now) })),
  );
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
    unchangedSince: next.grant.updatedAt,
    lease: null,
    order: orderOf(customer, next.grant, kind, next.work, tx.now),
    ahead: [],
  };
}

/** It waits, but its benefit was edited since: what was in the way may be gone. */
const isEdited = (customer: LoadedCustomer, grant: LoadedGrant): boolean =>
  grant.attentionCode !== null && customer.rollouts.some(({ rollout }) => rollout.benefitId === grant.benefitId);

const nameOf = ({ work, grant }: Pick<Step, 'work' | 'grant'>): string => `${work} ${grant.id}`;

const rank = (work: Work): number => (work === 'withdraw' ? 0 : 1);

/** Keeps other workers out while a third party is called for this customer. */
async function leave(tx: Tx, { kinds }: Pass, step: Step): Promise<Step> {
  const lease = after(tx.now, LEASE_MS);
  await settlements.lease(tx, step.customer.id, lease);
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
