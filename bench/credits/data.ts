import { audit } from '../../src/domain/credits/audit.ts';
import { newId } from '../../src/lib/id.ts';
import type { Boon } from '../support/boon.ts';
import { whole } from '../support/numbers.ts';

/** Rows written by one statement: few enough to tell now and then how far it is. */
const PAGE = 200_000;
const MANY = 1_000_000;
/** Events that were sent together, and so have one entry. */
const TOGETHER = 10;

/** Customers with as many credits as the product would have given them by topping them up, as rows; answers their ids. */
export async function makeCustomers(
  { database: { prisma }, organizationId }: Boon,
  { meterId, count, credits }: { meterId: string; count: number; credits: string },
): Promise<string[]> {
  const now = new Date();
  const ids = Array.from({ length: count }, () => [
    newId('customer', now),
    newId('creditBalance', now),
    newId('creditLot', now),
    newId('creditEntry', now),
  ]);
  const columns = [0, 1, 2, 3].map((column) => ids.map((row) => row[column]));
  const [people, balances, lots, entries] = columns as [string[], string[], string[], string[]];
  await prisma.$transaction([
    prisma.$executeRaw`
      INSERT INTO "Customer" (id, "organizationId", email, "createdAt", "updatedAt")
      SELECT id, ${organizationId}, id || '@example.com', ${now}, ${now} FROM unnest(${people}::text[]) AS r(id)`,
    prisma.$executeRaw`
      INSERT INTO "CreditBalance" (id, "organizationId", "customerId", "meterId", balance, credited, overage, used, spent,
        sequence, "asOf", "createdAt", "updatedAt")
      SELECT id, ${organizationId}, customer, ${meterId}, ${credits}::numeric, ${credits}::numeric, 0, 0, 0, 1, ${now}, ${now}, ${now}
      FROM unnest(${balances}::text[], ${people}::text[]) AS r(id, customer)`,
    prisma.$executeRaw`
      INSERT INTO "CreditLot" (id, "balanceId", key, source, state, amount, used, remaining, lost, carries, priority,
        "effectiveAt", "createdAt")
      SELECT id, balance, id, 'TOP_UP', 'OPEN', ${credits}::numeric, 0, ${credits}::numeric, 0, '{}', 0, ${now}, ${now}
      FROM unnest(${lots}::text[], ${balances}::text[]) AS r(id, balance)`,
    prisma.$executeRaw`
      INSERT INTO "CreditEntry" (id, "balanceId", sequence, type, units, "lotId", at, balance, credited, overage, used)
      SELECT id, balance, 1, 'CREDITED', ${credits}::numeric, lot, ${now}, ${credits}::numeric, ${credits}::numeric, 0, 0
      FROM unnest(${entries}::text[], ${balances}::text[], ${lots}::text[]) AS r(id, balance, lot)`,
  ]);
  await prisma.$executeRaw`VACUUM ANALYZE "Customer", "CreditBalance", "CreditLot", "CreditEntry"`;
  return people;
}

/**
 * Usage of a customer, and the ledger and balance that recording it would have left. Indexes are made when all is there,
 * which takes a third of the time.
 */
export async function use(
  { database: { prisma }, organizationId }: Boon,
  { customerId, meterId, count }: { customerId: string; meterId: string; count: number },
): Promise<void> {
  const { id, sequence, balance, credited, used } = await prisma.creditBalance.findUniqueOrThrow({
    where: { customerId_meterId: { customerId, meterId } },
  });
  const { id: lotId } = await prisma.creditLot.findFirstOrThrow({ where: { balanceId: id } });
  const now = new Date();
  const run = newId('usageEvent', now).slice(4);
  const indexes = await prisma.$queryRaw<{ name: string; text: string }[]>`
    SELECT indexname AS name, indexdef AS text FROM pg_indexes
    WHERE tablename IN ('UsageEvent', 'CreditEntry') AND indexname NOT LIKE '%_pkey'`;
  if (count >= MANY) for (const { name } of indexes) await prisma.$executeRawUnsafe(`DROP INDEX "${name}"`);
  for (let from = 0; from < count; from += PAGE) {
    const to = Math.min(from + PAGE, count);
    await prisma.$transaction([
      // What refers to what is right by construction, and nothing waits for the disk.
      prisma.$executeRaw`SET LOCAL session_replication_role = replica`,
      prisma.$executeRaw`SET LOCAL synchronous_commit = off`,
      prisma.$executeRaw`
        INSERT INTO "UsageEvent" (id, "organizationId", "customerId", name, timestamp, metadata, "recordedAt")
        SELECT 'use_' || ${run} || lpad(n::text, 8, '0'), ${organizationId}, ${customerId}, 'call', ${now}, '{}', ${now}
        FROM generate_series(${from + 1}::int, ${to}::int) AS n`,
      prisma.$executeRaw`
        INSERT INTO "CreditEntry" (id, "balanceId", sequence, type, units, "lotId", cause, at, balance, credited, overage, used)
        SELECT 'cre_' || ${run} || lpad(n::text, 8, '0'), ${id}, ${sequence}::bigint + n, 'USED', ${-TOGETHER}::numeric, ${lotId}, 'USAGE', ${now},
          ${balance}::numeric - n * ${TOGETHER}::int, ${credited}::numeric, 0, ${used}::numeric + n * ${TOGETHER}::int
        FROM generate_series(${from / TOGETHER + 1}::int, ${to / TOGETHER}::int) AS n`,
    ]);
    if (to % MANY === 0) console.error(`${whole(to)} of ${whole(count)} events.`);
  }
  if (count >= MANY) {
    for (const { name, text } of indexes) {
      console.error(`The index ${name}.`);
      await prisma.$executeRawUnsafe(text);
    }
  }
  await prisma.$transaction([
    prisma.creditBalance.update({
      where: { id },
      data: {
        sequence: { increment: count / TOGETHER },
        balance: { decrement: count },
        used: { increment: count },
      },
    }),
    prisma.creditLot.update({
      where: { id: lotId },
      data: { used: { increment: count }, remaining: { decrement: count } },
    }),
  ]);
  await prisma.$executeRaw`VACUUM ANALYZE "UsageEvent", "CreditEntry"`;
}

/** Fails unless every balance is what its ledger says, and what was used what the usage itself says. */
export async function check({ database }: Boon): Promise<void> {
  const [found] = await audit(database);
  if (found) throw new Error(`Balances disagree: ${JSON.stringify(found)}`);
}
