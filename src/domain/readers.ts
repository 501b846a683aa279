import type { Event } from '../../prisma/generated/client/client.ts';
import type { Database } from '../platform/database.ts';
import type { Tx } from '../platform/unit-of-work.ts';

/** Somebody who reads the log of each organization from its first event on, each event exactly once and in order. */
export interface Reader {
  /** Names its place in the logs; never changes. */
  name: string;
  /** Writes what follows from these events, in the transaction in which the reader moves past them. */
  hear(tx: Tx, events: readonly Event[]): Promise<void>;
}

/** There is something in an organization's log that somebody has not read. */
export const READ_LOG = 'read-log';

/** Events read in one transaction. */
const BATCH = 100;

/**
 * Moves a reader on by up to a batch. What it writes and where it stands are committed together, so that nothing is
 * heard twice or never. Answers whether there may be more; false also when another worker reads there already.
 */
export async function advance(tx: Tx, { name, hear }: Reader, organizationId: string): Promise<boolean> {
  const position = await lock(tx, name, organizationId);
  if (position === null) return false;
  // Sequences have no gaps and come in the order of commits: whatever follows the position is all there is.
  const rows = await tx.run<Omit<Event, 'sequence'> & { sequence: string }>('read on', READ_ON, [
    organizationId,
    position,
    BATCH,
  ]);
  const events = rows.map((row) => ({ ...row, sequence: BigInt(row.sequence) }));
  const last = events.at(-1);
  if (!last) return false;
  await hear(tx, events);
  await tx.db.$executeRaw`
    UPDATE "LogPosition" SET sequence = ${last.sequence} WHERE reader = ${name} AND "organizationId" = ${organizationId}`;
  return events.length === BATCH;
}

const READ_ON = `
  SELECT id, "organizationId", sequence, type, "customerId", "subjectId", data, "occurredAt" FROM "Event"
  WHERE "organizationId" = $1 AND sequence > $2 ORDER BY sequence LIMIT $3`;

/** The organizations in whose logs one of these readers has something left to read. */
export async function behind(database: Database, names: readonly string[]): Promise<string[]> {
  const rows = await database.read<{ id: string }>(
    'readers behind',
    `SELECT DISTINCT o.id FROM "Organization" o CROSS JOIN unnest($1::text[]) AS wanted(name)
     LEFT JOIN "LogPosition" p ON p.reader = wanted.name AND p."organizationId" = o.id
     WHERE o."eventSequence" > coalesce(p.sequence, 0)`,
    [names],
  );
  return rows.map(({ id }) => id);
}

/** Has these logs read. A job that is lost is made up for when somebody looks who is behind the next time. */
export function request(tx: Tx, organizationIds: readonly string[]): void {
  for (const organizationId of organizationIds) {
    tx.enqueue({ name: READ_LOG, data: { organizationId }, key: organizationId });
  }
}

/** Where the reader stands, kept for this transaction alone; null when another one has it. */
async function lock(tx: Tx, reader: string, organizationId: string): Promise<bigint | null> {
  const find = () => tx.db.$queryRaw<{ sequence: bigint }[]>`
    SELECT sequence FROM "LogPosition" WHERE reader = ${reader} AND "organizationId" = ${organizationId}
    FOR UPDATE SKIP LOCKED`;
  const [standing] = await find();
  if (standing) return standing.sequence;
  await tx.db.logPosition.createMany({ data: [{ reader, organizationId, sequence: 0n }], skipDuplicates: true });
  const [begun] = await find();
  return begun?.sequence ?? null;
}
