import type { Event } from '../../prisma/generated/client/client.ts';
import type { Database, Run } from '../platform/database.ts';

/** Which events of an organization are meant. */
export interface Selection {
  organizationId: string;
  /** Only what concerns this customer. */
  customerId?: string;
  /** Only these types: exact names, or a family such as `benefit_grant.*`. */
  types?: readonly string[];
}

/** The sequence of the newest event. */
export async function newest(database: Database, organizationId: string): Promise<bigint> {
  const [row] = await database.read<{ sequence: string }>(
    'newest event',
    'SELECT "eventSequence" AS sequence FROM "Organization" WHERE id = $1',
    [organizationId],
  );
  return BigInt(row?.sequence ?? 0);
}

/** The newest sequences of several organizations, by their ids. */
export async function newestOf(database: Database, organizationIds: readonly string[]): Promise<Map<string, bigint>> {
  const rows = await database.read<{ id: string; sequence: string }>(
    'newest events',
    'SELECT id, "eventSequence" AS sequence FROM "Organization" WHERE id = ANY($1)',
    [organizationIds],
  );
  return new Map(rows.map(({ id, sequence }) => [id, BigInt(sequence)]));
}

/** When the first event after a sequence happened; null when there is none yet. */
export async function timeAfter(
  database: Database,
  { organizationId, after }: { organizationId: string; after: bigint },
): Promise<Date | null> {
  const [row] = await database.read<{ occurredAt: Date }>(
    'time after',
    'SELECT "occurredAt" FROM "Event" WHERE "organizationId" = $1 AND sequence > $2 ORDER BY sequence LIMIT 1',
    [organizationId, after],
  );
  return row?.occurredAt ?? null;
}

/** The log between two sequences, `after` left out and `upTo` included, in order, `limit` at most. */
export async function read(
  run: Run,
  { organizationId, customerId, types, after, upTo, limit }: Selection & { after: bigint; upTo: bigint; limit: number },
): Promise<Event[]> {
  const values: unknown[] = [organizationId, after, upTo, limit];
  const also = (condition: string, value: unknown) =>
    value === undefined ? '' : ` AND ${condition} $${values.push(value)}`;
  // Not one statement with conditions that may be null: PostgreSQL would plan it for all cases and use no index well.
  const narrowed = also('"customerId" =', customerId) + also('type ~', types && patternOf(types));
  const rows = await run<Omit<Event, 'sequence'> & { sequence: string }>(
    `events${narrowed}`,
    `SELECT id, "organizationId", sequence, type, "customerId", "subjectId", data, "occurredAt" FROM "Event"
     WHERE "organizationId" = $1 AND sequence > $2 AND sequence <= $3${narrowed} ORDER BY sequence LIMIT $4`,
    values,
  );
  return rows.map((row) => ({ ...row, sequence: BigInt(row.sequence) }));
}

const TYPE = /^[a-z_]{1,40}(\.([a-z_]{1,40}|\*))?$/;

/** Whether `type` can be asked for: an exact name, or a family such as `benefit_grant.*`. */
export const isTypeOrFamily = (type: string): boolean => TYPE.test(type);

/** Tells which events are meant, as the log does. */
export function matcher({ customerId, types }: Selection): (event: Pick<Event, 'customerId' | 'type'>) => boolean {
  const pattern = types && new RegExp(patternOf(types));
  return (event) =>
    (customerId === undefined || event.customerId === customerId) && (pattern?.test(event.type) ?? true);
}

/** One regular expression, in a dialect that PostgreSQL and JavaScript share. */
export const patternOf = (types: readonly string[]): string =>
  `^(${types.map((type) => type.replace('.', '\\.').replace('*', '[a-z_]+')).join('|')})$`;
