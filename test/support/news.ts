import { expect } from 'vitest';
import type { Event } from '../../prisma/generated/client/client.ts';
import type { House } from './house.ts';

/** An event, and the transaction that wrote it. */
export type Told = Pick<Event, 'type' | 'subjectId' | 'data'> & { transaction: string };

/** Listens to the log of a house. */
export function newsOf({ database, organizationId }: House) {
  const after = (sequence: bigint, customerId: string | null = null) =>
    database.read<Told>(
      'news',
      `SELECT type, "subjectId", data, xmin::text AS transaction FROM "Event"
       WHERE "organizationId" = $1 AND sequence > $2 AND ($3::text IS NULL OR "customerId" = $3) ORDER BY sequence`,
      [organizationId, sequence, customerId],
    );
  const newest = async (): Promise<bigint> => {
    const [row] = await database.read<{ sequence: string }>(
      'newest',
      'SELECT "eventSequence" AS sequence FROM "Organization" WHERE id = $1',
      [organizationId],
    );
    return BigInt(row?.sequence ?? 0);
  };

  return {
    /** All that was told of somebody so far. */
    of: (customerId: string) => after(0n, customerId),
    /** Does something, which is told as just this, in this order. */
    async tells<Result>(types: readonly string[], work: () => Promise<Result>): Promise<Result> {
      const before = await newest();
      const result = await work();
      expect((await after(before)).map(({ type }) => type)).toEqual(types);
      return result;
    },
    /** Does something that is refused, or fails, and is told as nothing. */
    async refuses(work: () => Promise<unknown>): Promise<void> {
      const before = await newest();
      await expect(work()).rejects.toThrow();
      expect(await after(before)).toEqual([]);
    },
  };
}

export type News = ReturnType<typeof newsOf>;
