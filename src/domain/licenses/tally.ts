import { SECOND_MS } from '../../lib/time.ts';
import type { Database } from '../../platform/database.ts';
import type { Log } from '../../platform/log.ts';
import { repeat } from '../../platform/repeat.ts';

/** Counts validations, and notes when the last one was. */
export interface Tally extends AsyncDisposable {
  count(licenseKeyId: string, at: Date): void;
}

const WRITE_MS = SECOND_MS;
const ROWS = 2_000;

interface Count {
  validations: number;
  last: Date;
}

/** Kept in memory and written down every second, and when it is closed: no validation waits for it. */
export function openTally({ database, log }: { database: Database; log: Log }): Tally {
  let counts = new Map<string, Count>();

  const count = (id: string, at: Date, validations = 1): void => {
    const standing = counts.get(id);
    if (!standing) return void counts.set(id, { validations, last: at });
    standing.validations += validations;
    if (at > standing.last) standing.last = at;
  };
  const write = async (): Promise<void> => {
    // Every process takes the rows in the same order: none waits for one that waits for it.
    const rows = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
    counts = new Map();
    for (let from = 0; from < rows.length; from += ROWS) {
      const some = rows.slice(from, from + ROWS);
      try {
        await writeDown(database, some);
      } catch (error) {
        // What could not be written down is counted with the next.
        for (const [id, { validations, last }] of rows.slice(from)) count(id, last, validations);
        throw error;
      }
    }
  };
  const { stop } = repeat(WRITE_MS, log, write);

  return {
    count,
    async [Symbol.asyncDispose]() {
      await stop();
      await write().catch((error: unknown) => log.error('The last validations could not be counted.', { error }));
    },
  };
}

async function writeDown({ prisma }: Database, rows: readonly (readonly [string, Count])[]): Promise<void> {
  const ids = rows.map(([id]) => id);
  const validations = rows.map(([, count]) => count.validations);
  const last = rows.map(([, count]) => count.last.toISOString());
  await prisma.$executeRaw`
    INSERT INTO "LicenseTally" AS t ("licenseKeyId", validations, "lastValidatedAt")
    SELECT n.id, n.validations, n.last
    FROM unnest(${ids}::text[], ${validations}::int[], ${last}::timestamptz[]) AS n(id, validations, last)
    WHERE EXISTS (SELECT 1 FROM "LicenseKey" l WHERE l.id = n.id)
    ON CONFLICT ("licenseKeyId") DO UPDATE
    SET validations = t.validations + excluded.validations,
      "lastValidatedAt" = greatest(t."lastValidatedAt", excluded."lastValidatedAt")`;
}
