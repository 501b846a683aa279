import type { Rollout } from '../../prisma/generated/client/client.ts';
import { newId } from '../lib/id.ts';
import { after, MINUTE_MS } from '../lib/time.ts';
import type { Tx } from '../platform/unit-of-work.ts';
import { inBackground, SETTLE_CUSTOMER } from './settlements.ts';

export const SPREAD_ROLLOUT = 'spread-rollout';

const PAGE = 1_000;
/** Purchases go first: what waits in a rollout is only taken up as lost after this. */
const PATIENCE_MS = 10 * MINUTE_MS;

/** Begins to bring a change of a product or a benefit to everyone it concerns. */
export async function start(
  tx: Tx,
  about: { organizationId: string; productId?: string; benefitId?: string },
): Promise<Rollout> {
  const rollout = await tx.db.rollout.create({ data: { id: newId('rollout', tx.now), ...about, createdAt: tx.now } });
  tx.enqueue({ name: SPREAD_ROLLOUT, data: { rolloutId: rollout.id }, key: rollout.id });
  return rollout;
}

/** Writes down once whom a rollout concerns. */
export async function enlist(tx: Tx, { rolloutId }: { rolloutId: string }): Promise<void> {
  await tx.db.$queryRaw`SELECT 1 FROM "Rollout" WHERE id = ${rolloutId} FOR NO KEY UPDATE`;
  const rollout = await tx.db.rollout.findUnique({ where: { id: rolloutId } });
  if (!rollout || rollout.total !== null) return;
  const { productId, benefitId } = rollout;
  const total = await tx.db.$executeRaw`
    INSERT INTO "RolloutCustomer" ("rolloutId", "customerId")
    SELECT ${rolloutId}, "customerId" FROM "Subscription" WHERE "productId" = ${productId} AND status NOT IN ('CANCELED', 'REVOKED')
    UNION SELECT ${rolloutId}, "customerId" FROM "Order" WHERE "productId" = ${productId}
    UNION SELECT ${rolloutId}, "customerId" FROM "BenefitGrant" WHERE "benefitId" = ${benefitId} AND state <> 'REVOKED'`;
  await tx.db.rollout.update({ where: { id: rolloutId }, data: { total } });
}

/** Hands the next page of customers to settlement. Answers the last one handed over, null when none was left. */
export async function spread(
  tx: Tx,
  { rolloutId, after: last }: { rolloutId: string; after: string },
): Promise<string | null> {
  const page = await tx.db.$queryRaw<{ customerId: string }[]>`
    SELECT "customerId" FROM "RolloutCustomer" WHERE "rolloutId" = ${rolloutId} AND "customerId" > ${last}
    ORDER BY "customerId" LIMIT ${PAGE}`;
  const ids = page.map((row) => row.customerId);
  const settleAt = after(tx.now, PATIENCE_MS);
  // In order of id, so that two rollouts over the same customers never wait for each other in a ring.
  await tx.db.$executeRaw`
    WITH locked AS (SELECT id FROM "Customer" WHERE id = ANY(${ids}) ORDER BY id FOR NO KEY UPDATE)
    UPDATE "Customer" AS c SET "settleAt" = ${settleAt} FROM locked
    WHERE c.id = locked.id AND (c."settleAt" IS NULL OR c."settleAt" > ${settleAt})`;
  for (const id of ids) tx.enqueue(inBackground({ name: SETTLE_CUSTOMER, data: { customerId: id }, key: id }));
  if (ids.length === 0) await tx.db.rollout.update({ where: { id: rolloutId }, data: { spreadAt: tx.now } });
  return ids.at(-1) ?? null;
}

/** Rollouts have reached customers. */
export async function reached(tx: Tx, pairs: readonly { rolloutId: string; customerId: string }[]): Promise<void> {
  if (pairs.length === 0) return;
  const rolloutIds = pairs.map(({ rolloutId }) => rolloutId);
  const customerIds = pairs.map(({ customerId }) => customerId);
  await tx.db.$executeRaw`
    DELETE FROM "RolloutCustomer" WHERE ("rolloutId", "customerId") IN
      (SELECT * FROM unnest(${rolloutIds}::text[], ${customerIds}::text[]))`;
}

/** Sends a job for every rollout whose job was lost. */
export async function requestUnspread(tx: Tx): Promise<void> {
  const lost = await tx.db.rollout.findMany({
    where: { spreadAt: null, createdAt: { lt: after(tx.now, -MINUTE_MS) } },
    select: { id: true },
  });
  for (const { id } of lost) tx.enqueue({ name: SPREAD_ROLLOUT, data: { rolloutId: id }, key: id });
}
