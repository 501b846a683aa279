import type { Meter } from '../../../prisma/generated/client/client.ts';
import { ConflictError, InvalidInputError, NotFoundError } from '../../lib/errors.ts';
import type { Tx } from '../../platform/unit-of-work.ts';

/** The meter, if credits of it can be given: only what adds up can burn credits. */
export async function checkMeter(
  tx: Tx,
  { organizationId, meterId }: { organizationId: string; meterId: string },
): Promise<Meter> {
  const meter = await tx.db.meter.findFirst({ where: { id: meterId, organizationId } });
  if (!meter) throw new NotFoundError('meter', ['meterId']);
  if (meter.aggregation !== 'COUNT' && meter.aggregation !== 'SUM')
    throw new InvalidInputError('Credits need a meter that adds up: one of COUNT or SUM.', ['meterId']);
  return meter;
}

/** The same of one that is still in use. */
export async function checkLivingMeter(tx: Tx, named: { organizationId: string; meterId: string }): Promise<Meter> {
  const meter = await checkMeter(tx, named);
  if (meter.archivedAt) throw new ConflictError('The meter is archived.', ['meterId']);
  return meter;
}
