import type { Meter } from '../../../prisma/generated/client/client.ts';
import { ConflictError, InvalidInputError, NotFoundError } from '../../lib/errors.ts';
import type { Tx } from '../../platform/unit-of-work.ts';

/** The meter, if credits of it can be given: only what adds up can burn credits. */
export async function checkMeter(
  tx: Tx,
  { organizationId, meterId }: { organizationId: string; meterId: string },
): Promise<Meter> {
  const meter = await tx.db.meter.findFirst({ where: { id: meterId, organizationId } });
  const mistake = mistakeIn(meter);
  if (mistake) throw mistake;
  return meter as Meter;
}

interface Named {
  organizationId: string;
  meterId: string;
}

function mistakeIn(meter: Meter | null): NotFoundError | InvalidInputError | null {
  if (!meter) return new NotFoundError('meter', ['meterId']);
  if (meter.aggregation === 'COUNT' || meter.aggregation === 'SUM') return null;
  return new InvalidInputError('Credits need a meter that adds up: one of COUNT or SUM.', ['meterId']);
}

/** Tells of each of many wishes what is wrong with its meter; null: nothing. */
export async function checkConsumed(
  tx: Tx,
  wishes: readonly Named[],
): Promise<(wish: Named) => NotFoundError | InvalidInputError | null> {
  const rows = await tx.db.meter.findMany({
    where: { id: { in: [...new Set(wishes.map(({ meterId }) => meterId))] } },
  });
  const found = new Map(rows.map((meter) => [meter.id, meter]));
  return ({ organizationId, meterId }) => {
    const meter = found.get(meterId);
    return mistakeIn(meter?.organizationId === organizationId ? meter : null);
  };
}

/** The same of one that is still in use. */
export async function checkLivingMeter(tx: Tx, named: { organizationId: string; meterId: string }): Promise<Meter> {
  const meter = await checkMeter(tx, named);
  if (meter.archivedAt) throw new ConflictError('The meter is archived.', ['meterId']);
  return meter;
}
