import type { Event } from '../../prisma/generated/client/client.ts';
import type { Database } from '../platform/database.ts';
import type { Tx } from '../platform/unit-of-work.ts';
import { patternOf } from './events.ts';

/** Somebody who reads the log of each organization from its first event on, each event exactly once and in order. */
export interface Reader {
  /** Names its place in the logs; never changes. */
  name: string;
  /** The types it wants to hear of by now, or families such as `benefit_grant.*`; null: all. It moves past the others. */
  hears?(tx: Tx, organizationId: string): Promise<readonly string[] | null>;
  /**
   * Writes what follows from these events, in the transaction in which the reader moves past them. Answers how many of
   * them were enough for one transaction, where that is not all.
   */
  hear(tx: Tx, events: readonly Event[]): Promise<void> | Promise<number>;
}

/** There is something in an organization's log that somebody has not read. */
export const READ_LOG = 'read-log';

/** Events heard in one transaction. */
const BATCH = 250;
/** As far as a reader that hears of nothing moves in one transaction. */
const STRIDE = 10_000n;
/** And one that hears of something: PostgreSQL may look at all of that to find what comes first. */
const STEP = 1_000n;

/**
 * Moves a reader on by up to a batch. What it writes and where it stands are committed together, so that nothing is
 * heard twice or never. Answers whether there may be more; false also when another worker reads there already.
 */
export async function advance(tx: Tx, reader: Reader, organizationId: string): Promise<boolean> {
  const position = await lock(tx, reader.name, organizationId);
  if (position === null) return false;
  // Sequences have no gaps and come in the order of commits: whatever follows the position is all there is. Its end is
  // asked first: who wants to hear of something new since then hears of what comes after it.
  const last = await newest(tx, organizationId);
  if (last === position) return false;
  const types = (await reader.hears?.(tx, organizationId)) ?? null;
  const end = smaller(last, position + (types?.length === 0 ? STRIDE : STEP));
  const events = types?.length === 0 ? [] : await read(tx, { organizationId, position, end, types });
  const heard = events.length > 0 ? ((await reader.hear(tx, events)) ?? events.length) : 0;
  // Of a batch it hears at least one, so that there is an end to it.
  const isAll = heard === events.length && heard < BATCH;
  const reached = isAll ? end : (events[heard - 1]?.sequence ?? position);
  await tx.run('move on', 'UPDATE "LogPosition" SET sequence = $1 WHERE reader = $2 AND "organizationId" = $3', [
    reached,
    reader.name,
    organizationId,
  ]);
  return !isAll || end < last;
}

async function newest(tx: Tx, organizationId: string): Promise<bigint> {
  const [organization] = await tx.run<{ sequence: string }>(
    'end of the log',
    'SELECT "eventSequence" AS sequence FROM "Organization" WHERE id = $1',
    [organizationId],
  );
  return BigInt(organization?.sequence ?? 0);
}

interface Stretch {
  organizationId: string;
  position: bigint;
  end: bigint;
  types: readonly string[] | null;
}

async function read(tx: Tx, { organizationId, position, end, types }: Stretch): Promise<Event[]> {
  const rows = await tx.run<Omit<Event, 'sequence'> & { sequence: string }>(
    types ? 'read on of some' : 'read on',
    `SELECT id, "organizationId", sequence, type, "customerId", "subjectId", data, "occurredAt" FROM "Event"
     WHERE "organizationId" = $1 AND sequence > $2 AND sequence <= $3 ${types ? 'AND type ~ $5' : ''}
     ORDER BY sequence LIMIT $4`,
    [organizationId, position, end, BATCH, ...(types ? [patternOf(types)] : [])],
  );
  return rows.map((row) => ({ ...row, sequence: BigInt(row.sequence) }));
}

const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);

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
  const find = () =>
    tx.run<{ sequence: string }>(
      'position of a reader',
      'SELECT sequence FROM "LogPosition" WHERE reader = $1 AND "organizationId" = $2 FOR UPDATE SKIP LOCKED',
      [reader, organizationId],
    );
  const [standing] = await find();
  if (standing) return BigInt(standing.sequence);
  await tx.db.logPosition.createMany({ data: [{ reader, organizationId, sequence: 0n }], skipDuplicates: true });
  const [begun] = await find();
  return begun ? BigInt(begun.sequence) : null;
}
