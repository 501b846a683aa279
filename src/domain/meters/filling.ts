import type { Meter } from '../../../prisma/generated/client/client.ts';
import { after, MINUTE_MS } from '../../lib/time.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import { charge } from '../usage/charging.ts';

export const FILL_METER = 'fill-meter';

/** Events measured in one transaction. */
const PAGE = 2_000;

/** Has a meter measure what was recorded before it was made. */
export function request(tx: Tx, meterId: string): void {
  tx.enqueue({ name: FILL_METER, data: { meterId }, key: meterId });
}

/** Sends a job for every meter whose job was lost. */
export async function requestUnfilled(tx: Tx): Promise<void> {
  const lost = await tx.db.meter.findMany({
    where: { filledAt: null, updatedAt: { lt: after(tx.now, -MINUTE_MS) } },
    select: { id: true },
  });
  for (const { id } of lost) request(tx, id);
}

/**
 * Measures the next page. How far it has come stands beside the balances it changed and commits with them, so that
 * each event is measured once, whoever dies in between. A meter that is archived meanwhile goes on: what was used while
 * it was in use counts. Answers whether there may be more.
 */
export async function fill(tx: Tx, { meterId }: { meterId: string }): Promise<boolean> {
  const meter = await lock(tx, meterId);
  if (!meter || meter.filledAt) return false;
  const { organizationId, filledTo, startsAfter } = meter;
  const toFill =
    meter.toFill ?? (await tx.db.usageEvent.count({ where: { organizationId, sequence: { lte: startsAfter } } }));
  const page = await tx.db.usageEvent.findMany({
    where: { organizationId, sequence: { gt: filledTo, lte: startsAfter } },
    orderBy: { sequence: 'asc' },
    take: PAGE,
  });
  await charge(tx, { organizationId, meters: [meter], events: page });
  const done = page.length < PAGE;
  await tx.db.meter.update({
    where: { id: meterId },
    data: {
      toFill,
      filled: { increment: page.length },
      filledTo: done ? startsAfter : (page.at(-1)?.sequence ?? startsAfter),
      filledAt: done ? tx.now : null,
      updatedAt: tx.now,
    },
  });
  return !done;
}

/** Whoever adopts usage of a customer waits until the page under way is done, and the other way round. */
async function lock(tx: Tx, id: string): Promise<Meter | null> {
  await tx.db.$queryRaw`SELECT 1 FROM "Meter" WHERE id = ${id} FOR NO KEY UPDATE`;
  tx.now = tx.clock();
  return tx.db.meter.findUnique({ where: { id } });
}
