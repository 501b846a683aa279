import type { Meter } from '../../../prisma/generated/client/client.ts';
import { DAY_MS } from '../../lib/time.ts';
import type { Database } from '../../platform/database.ts';
import type { Log } from '../../platform/log.ts';
import type { Transaction, Tx } from '../../platform/unit-of-work.ts';
import { aggregateOf, conditionOf } from '../meters/conditions.ts';
import { measureOf } from '../usage/charging.ts';
import type { Named } from './book.ts';

export const AUDIT_CREDITS = 'audit-credits';

/** Balances looked at by one statement. */
const PAGE = 1_000;
/** An audit that has not come to an end by then is begun anew. */
const PATIENCE_MS = DAY_MS / 4;

/** A balance that is not what it should be. */
export interface Disagreement extends Named {
  organizationId: string;
  why: string;
}

/** Has the audit of the day done, once, by whoever comes first. */
export async function requestAudit(tx: Tx): Promise<void> {
  const day = tx.now.toISOString().slice(0, 10);
  const lost = new Date(tx.now.getTime() - PATIENCE_MS);
  const claimed = await tx.db.$executeRaw`
    INSERT INTO "CreditAudit" (day, "startedAt") VALUES (${day}, ${tx.now})
    ON CONFLICT (day) DO UPDATE SET "startedAt" = excluded."startedAt"
    WHERE "CreditAudit"."endedAt" IS NULL AND "CreditAudit"."startedAt" < ${lost}`;
  if (claimed > 0) tx.enqueue({ name: AUDIT_CREDITS, data: { day }, key: day });
}

/** Works every balance out anew; what disagrees is logged, and told to its merchant, once a day whoever else is at it. */
export async function runAudit(
  { database, transaction, log }: { database: Database; transaction: Transaction; log: Log },
  { day }: { day: string },
): Promise<void> {
  const found = await audit(database);
  for (const disagreement of found) log.error('A balance of credits is not what it should be.', { ...disagreement });
  await transaction(async (tx) => {
    const ended = { disagreements: found.length, endedAt: tx.now };
    const { count } = await tx.db.creditAudit.updateMany({ where: { day, endedAt: null }, data: ended });
    if (count === 0) return;
    for (const { organizationId, customerId, meterId, why } of found) {
      const data = { audit: { customerId, meterId, why, day } };
      tx.append({ organizationId, type: 'credit_balance.disagreed', customerId, subjectId: meterId, data });
    }
  });
}

/** Every balance that its ledger or the usage itself disagrees with. Each statement sees one state of everything. */
export async function audit(database: Database): Promise<Disagreement[]> {
  const found: Disagreement[] = [];
  for (let last: string | undefined = ''; last !== undefined; ) {
    const page: LedgerRow[] = await database.read<LedgerRow>('audit of ledgers', LEDGERS, [last, PAGE]);
    found.push(...page.filter(({ why }) => why !== null));
    last = page.length < PAGE ? undefined : page.at(-1)?.id;
  }
  const meters = await database.prisma.meter.findMany({ where: { aggregation: { in: ['COUNT', 'SUM'] } } });
  for (const meter of meters) found.push(...(await auditUsage(database, meter)));
  return found.map(({ organizationId, customerId, meterId, why }) => ({ organizationId, customerId, meterId, why }));
}

type LedgerRow = Disagreement & { id: string };

/** A balance, its entries, its lots and its holds, each against the others. */
const LEDGERS = `
  SELECT t.id, t."organizationId", t."customerId", t."meterId", CASE
    WHEN t.balance <> e.total THEN 'the balance is not the sum of its entries'
    WHEN t.overage <> -e.owed THEN 'the overage is not the sum of its entries'
    WHEN t.used <> -e.used THEN 'what was used is not the sum of its entries'
    WHEN t.sequence <> e.count OR e.newest <> e.count THEN 'an entry is missing'
    WHEN t.balance <> l.remaining - t.overage THEN 'the balance is not what its lots hold'
    WHEN t.overage > 0 AND l.remaining > 0 THEN 'there is overage beside credits'
    WHEN l.strayed > 0 THEN 'a lot is not the sum of its entries'
    END AS why
  FROM "CreditBalance" t
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(units), 0) AS total, coalesce(sum(units) FILTER (WHERE "lotId" IS NULL), 0) AS owed,
      coalesce(sum(units) FILTER (WHERE type = 'USED'), 0) AS used, count(*) AS count, coalesce(max(sequence), 0) AS newest
    FROM "CreditEntry" WHERE "balanceId" = t.id) e
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(lot.remaining), 0) AS remaining, count(*) FILTER (WHERE lot.remaining <> coalesce(s.units, 0)) AS strayed
    FROM "CreditLot" lot LEFT JOIN (
      SELECT "lotId", sum(units) AS units FROM "CreditEntry" WHERE "balanceId" = t.id GROUP BY 1) s ON s."lotId" = lot.id
    WHERE lot."balanceId" = t.id) l
  WHERE t.id > $1 ORDER BY t.id LIMIT $2`;

/** What a meter counts of the usage it has come to, against what was entered as used. */
async function auditUsage({ prisma }: Database, meter: Meter): Promise<Disagreement[]> {
  const measure = measureOf(meter);
  const { id, organizationId } = meter;
  const rows = await prisma.$queryRaw<{ customerId: string; raw: string; entered: string }[]>`
    SELECT coalesce(u."customerId", e."customerId") AS "customerId", trim_scale(coalesce(u.units, 0))::text AS raw,
      trim_scale(coalesce(e.units, 0))::text AS entered
    FROM (
      SELECT e."customerId", ${aggregateOf(measure)} AS units FROM "UsageEvent" e, "Meter" m
      WHERE m.id = ${id} AND e."organizationId" = ${organizationId} AND e."customerId" IS NOT NULL
        AND (e.sequence <= m."filledTo" OR (e.sequence > m."startsAfter" AND (m."endsAfter" IS NULL OR e.sequence <= m."endsAfter")))
        AND ${conditionOf(measure.filter)}
      GROUP BY 1) u
    FULL JOIN (
      SELECT b."customerId", -sum(entry.units) AS units FROM "CreditBalance" b JOIN "CreditEntry" entry ON entry."balanceId" = b.id
      WHERE b."meterId" = ${id} AND entry.type = 'USED' AND entry.cause = 'USAGE' GROUP BY 1) e ON e."customerId" = u."customerId"
    WHERE coalesce(u.units, 0) <> coalesce(e.units, 0)`;
  return rows.map(({ customerId, raw, entered }) => ({
    organizationId,
    customerId,
    meterId: id,
    why: `${raw} units were used and ${entered} entered`,
  }));
}
