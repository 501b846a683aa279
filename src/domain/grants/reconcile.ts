import { earliest } from '../../lib/time.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import * as customerStates from '../customer-states.ts';
import * as settlements from '../settlements.ts';
import * as subscriptions from '../subscriptions/expiry.ts';
import { isOpen, judge, type Verdict } from './entitlement.ts';
import { factsOf, type LoadedCustomer, type LoadedGrant, loadMany } from './facts.ts';
import { promise } from './promising.ts';
import { type GrantEvent, tell } from './telling.ts';
import { isDue, isParked, missing, type Standing } from './work.ts';
import { type GrantChange, NO_ATTENTION, write } from './writing.ts';

/**
 * Writes down what a customer is entitled to now, and has the difference settled. Called by every verb that changes
 * a reason for entitlement, in its transaction, under the customer's lock. Answers the customer as they now stand.
 */
export async function reconcile(tx: Tx, customerId: string): Promise<LoadedCustomer> {
  const customer = await compareOne(tx, customerId);
  const waiting = customer.grants.some(
    (grant) => missing(grant, standingOf(customer, grant), tx.now) && isDue(grant, tx.now),
  );
  if (waiting) await settlements.request(tx, customer);
  else await settlements.schedule(tx, [{ customer, settleAt: nextInstant(customer, tx.now) }]);
  return customer;
}

/** The same without asking for settlement: what settlement itself begins with. Answers the customer as they now stand. */
export async function compareOne(tx: Tx, customerId: string): Promise<LoadedCustomer> {
  const [customer] = await compare(tx, [customerId]);
  if (!customer) throw new Error(`There is no customer ${customerId}.`);
  return customer;
}

/** The same for many customers, whose locks are held, with a constant number of statements. */
export async function compare(tx: Tx, customerIds: readonly string[]): Promise<LoadedCustomer[]> {
  const people = await loadUnexpired(tx, customerIds);
  const judged = people.map((customer) => ({ customer, verdicts: judge(factsOf(customer), tx.now) }));
  await change(
    tx,
    judged.flatMap(({ customer, verdicts }) => verdicts.flatMap((verdict) => changeOf(customer, verdict))),
  );
  await promise(
    tx,
    judged.flatMap(({ customer, verdicts }) =>
      verdicts.flatMap((verdict) => (verdict.is === 'promise' ? [{ customer, verdict }] : [])),
    ),
  );
  return people;
}

/** Everything about these customers, after what time has done to their subscriptions was written down. */
async function loadUnexpired(tx: Tx, customerIds: readonly string[]): Promise<LoadedCustomer[]> {
  const people = await loadMany(tx, customerIds);
  const expired: string[] = [];
  for (const { id, subscriptions: theirs } of people) if (await subscriptions.expire(tx, theirs)) expired.push(id);
  if (expired.length === 0) return people;
  const anew = await loadMany(tx, expired);
  for (const customer of anew) customerStates.tell(tx, customer);
  return [...people.filter(({ id }) => !expired.includes(id)), ...anew];
}

/** When time alone will next change something about this customer, or what waits is to be tried; null: never. */
export function nextInstant(customer: LoadedCustomer, now: Date): Date | null {
  return earliest([
    nextTurn(customer, now),
    ...customer.grants
      .filter((grant) => missing(grant, standingOf(customer, grant), now) && !isParked(grant))
      .map((grant) => grant.retryAt ?? now),
  ]);
}

/** When time alone will next end something that this customer is entitled to; null: never. */
export const nextTurn = (customer: LoadedCustomer, now: Date): Date | null =>
  earliest([
    ...customer.grants.map((grant) => grant.entitledUntil).filter((until) => isOpen(until, now)),
    ...customer.subscriptions
      .filter((subscription) => subscription.cancelAtPeriodEnd)
      .map((subscription) => subscription.endsAt),
  ]);

/** What a grant is held to: the benefit's version and the paid period of its source. */
export const standingOf = (customer: LoadedCustomer, grant: LoadedGrant): Standing => ({
  version: grant.benefit.version,
  period: periodOf(customer, grant)?.start ?? null,
});

export function periodOf(customer: LoadedCustomer, grant: LoadedGrant): { start: Date; end: Date | null } | null {
  const subscription = customer.subscriptions.find((candidate) => candidate.id === grant.subscriptionId);
  return subscription ? { start: subscription.currentPeriodStart, end: subscription.currentPeriodEnd } : null;
}

interface Change extends GrantChange {
  customer: LoadedCustomer;
  grant: LoadedGrant;
  /** What it is told as, if at all. */
  news: [type: GrantEvent, changed?: string[]] | null;
}

function changeOf(customer: LoadedCustomer, verdict: Verdict): Change[] {
  const grant = verdict.is === 'promise' ? null : customer.grants.find(({ id }) => id === verdict.grantId);
  if (!grant || verdict.is === 'promise') return [];
  const { entitledUntil } = verdict;
  const isEntitled = verdict.is === 'entitled';
  const turned = (grant.endReason === null) !== isEntitled;
  const promisedAgain = isEntitled && grant.state === 'REVOKED' && !grant.stoppedAt;
  const moved = grant.entitledUntil?.getTime() !== entitledUntil?.getTime();
  return [
    {
      customer,
      grant,
      data: {
        entitledUntil,
        ...(isEntitled ? { position: verdict.position, endReason: null } : { endReason: verdict.endReason }),
        ...(turned && NO_ATTENTION),
        ...(promisedAgain && { state: 'CREATED', revokedAt: null }),
      },
      news: promisedAgain ? ['benefit_grant.created'] : moved ? ['benefit_grant.updated', ['entitledUntil']] : null,
    },
  ];
}

async function change(tx: Tx, changes: readonly Change[]): Promise<void> {
  await write(tx, changes);
  for (const { customer, grant, news } of changes) {
    if (!news) continue;
    const [type, changed] = news;
    tell(tx, type, grant, customer, grant.benefit, changed);
  }
}
