import { after, earliest, MINUTE_MS, SECOND_MS } from '../lib/time.ts';
import type { Job } from '../platform/queue.ts';
import { patch } from '../platform/rows.ts';
import type { Tx } from '../platform/unit-of-work.ts';

/** Compares one customer's grants with what they are entitled to, and mends the difference. */
export const SETTLE_CUSTOMER = 'settle-customer';

/** The same for a customer who waits for third parties: however slow those are, nobody else waits with them. */
export const SETTLE_OUTSIDE = 'settle-outside';

/** A job that has not come by then is taken for lost, and the clock sends another. */
const PATIENCE_MS = 5 * SECOND_MS;
/** The queue itself gives up on a job after that: until then thousands may be in line, and asking anew makes none faster. */
const OUTSIDE_PATIENCE_MS = 15 * MINUTE_MS;
const DUE_PAGE = 500;
const LOW_PRIORITY = -10;

/**
 * Asks for a customer to be settled now. The row is the truth and the job only makes it sooner: a job that is lost
 * is replaced when `settleAt` comes.
 */
export async function request(tx: Tx, customer: Scheduled): Promise<void> {
  await schedule(tx, [{ customer, settleAt: after(tx.now, PATIENCE_MS) }]);
  tx.enqueue({ name: SETTLE_CUSTOMER, data: { customerId: customer.id }, key: customer.id });
}

/**
 * What is left of these settlements must leave the database: others go on with them. What comes due meanwhile does not
 * wait for that.
 */
export async function handOver(tx: Tx, people: readonly { customer: Handed; nextTurn: Date | null }[]): Promise<void> {
  const patience = after(tx.now, OUTSIDE_PATIENCE_MS);
  await schedule(
    tx,
    people.map(({ customer, nextTurn }) => ({ customer, settleAt: earliest([patience, nextTurn]) })),
  );
  for (const { customer } of people) {
    const { id, organizationId } = customer;
    const job = { name: SETTLE_OUTSIDE, data: { customerId: id }, group: organizationId };
    tx.enqueue(isEdited(customer) ? inBackground({ ...job, key: id }) : { ...job, key: id });
  }
}

/** Purchases go first. Under a key of its own: a purchase in the meantime must not find its job waiting at the end. */
export const inBackground = (job: Job & { key: string }): Job => ({
  ...job,
  key: `rollout ${job.key}`,
  priority: LOW_PRIORITY,
});

/** A customer at hand. */
interface Scheduled {
  id: string;
  settleAt: Date | null;
}

interface Handed extends Scheduled {
  organizationId: string;
  /** The edits that have yet to reach them. */
  rollouts: readonly { rollout: { productId: string | null; createdAt: Date } }[];
  subscriptions: readonly Bought[];
  orders: readonly Bought[];
  grants: readonly Promised[];
}

interface Bought {
  id: string;
  productId: string | null;
  createdAt: Date;
}

interface Promised {
  state: string;
  attentionCode: string | null;
  retryAt: Date | null;
  subscriptionId: string | null;
  orderId: string | null;
}

/** Whether edits are all that is to be done. */
const isEdited = (customer: Handed): boolean =>
  customer.rollouts.length > 0 && !customer.grants.some((grant) => isNew(grant) && !isAdded(customer, grant));

/** It is yet to be given for the first time, and nobody has to act before. */
const isNew = ({ state, attentionCode, retryAt }: Promised): boolean =>
  state === 'CREATED' && (attentionCode === null || retryAt !== null);

/** It comes from an edit of what was bought before. */
function isAdded({ rollouts, subscriptions, orders }: Handed, { subscriptionId, orderId }: Promised): boolean {
  const source = [...subscriptions, ...orders].find(({ id }) => id === subscriptionId || id === orderId);
  return rollouts.some(
    ({ rollout }) =>
      rollout.productId !== null &&
      rollout.productId === source?.productId &&
      (source?.createdAt ?? rollout.createdAt) < rollout.createdAt,
  );
}

/** Writes down when these customers must next be looked at; null: nothing is due. */
export async function schedule(tx: Tx, due: readonly { customer: Scheduled; settleAt: Date | null }[]): Promise<void> {
  const moved = due.filter(({ customer, settleAt }) => customer.settleAt?.getTime() !== settleAt?.getTime());
  await patch(
    tx.db,
    'Customer',
    moved.map(({ customer, settleAt }) => ({ id: customer.id, settleAt })),
  );
}

/** Keeps other workers out until then, while a third party is called for a customer; should this one die, another begins anew. */
export async function lease(tx: Tx, customerId: string, until: Date): Promise<void> {
  await tx.run('lease', LEASE, [customerId, until]);
}

export async function endLease(tx: Tx, customerId: string): Promise<void> {
  await tx.run('end lease', END_LEASE, [customerId]);
}

const LEASE = 'UPDATE "Customer" SET "settlingUntil" = $2, "settleAt" = $2 WHERE id = $1';
const END_LEASE = 'UPDATE "Customer" SET "settlingUntil" = NULL WHERE id = $1';

/** Sends a job for every customer whose instant has come: the end of a period, a retry, or a job that was lost. */
export async function requestDue(tx: Tx): Promise<number> {
  const due = await tx.db.$queryRaw<{ id: string }[]>`
    UPDATE "Customer" SET "settleAt" = ${after(tx.now, PATIENCE_MS)}
    WHERE id IN (SELECT id FROM "Customer" WHERE "settleAt" <= ${tx.now} ORDER BY "settleAt" LIMIT ${DUE_PAGE} FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING id`;
  for (const { id } of due) tx.enqueue({ name: SETTLE_CUSTOMER, data: { customerId: id }, key: id });
  return due.length;
}
