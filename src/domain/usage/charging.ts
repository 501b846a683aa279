import type { Meter, UsageEvent } from '../../../prisma/generated/client/client.ts';
import type { Units } from '../../lib/units.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import { use } from '../credits/use.ts';
import type { Filter } from '../meters/filter.ts';
import { isAdditive, type Measure, unitsOf } from '../meters/matching.ts';

type Used = Pick<UsageEvent, 'customerId' | 'name' | 'timestamp' | 'externalId' | 'metadata'>;

export interface Charge {
  customerId: string;
  meterId: string;
  units: Units;
}

/** As much of a meter as measuring takes. */
export type Measuring = Pick<Meter, 'id' | 'name' | 'filter' | 'aggregation' | 'property'>;

/** The meters that measure what is recorded now. */
export const metersInUse = (tx: Tx, organizationId: string): Promise<Measuring[]> =>
  tx.run(
    'meters in use',
    `SELECT id, name, filter, aggregation, property FROM "Meter"
     WHERE "organizationId" = $1 AND "archivedAt" IS NULL ORDER BY id`,
    [organizationId],
  );

/** What a meter looks for, as it stands in its row. */
export const measureOf = ({ filter, aggregation, property }: Measuring): Measure => ({
  filter: filter as Filter | null,
  aggregation,
  property,
});

/** Takes usage off the balances of those who used something, as far as these meters measure it. */
export async function charge(
  tx: Tx,
  { organizationId, meters, events }: { organizationId: string; meters: readonly Measuring[]; events: readonly Used[] },
): Promise<void> {
  const usage = chargesOf(meters, events);
  if (usage.length > 0) await use(tx, { organizationId, usage });
}

/** One sum per customer and meter, in the order in which they first appear. */
export function chargesOf(meters: readonly Measuring[], events: readonly Used[]): Charge[] {
  const charges = new Map<string, Charge>();
  const additive = meters
    .filter(({ aggregation }) => isAdditive(aggregation))
    .map((meter) => ({ id: meter.id, measure: measureOf(meter) }));
  for (const event of events) {
    if (event.customerId === null) continue;
    for (const { id, measure } of additive) {
      const units = unitsOf(measure, event as Used & { metadata: object });
      if (units === null || units === 0n) continue;
      const key = `${event.customerId} ${id}`;
      const known = charges.get(key);
      if (known) known.units += units;
      else charges.set(key, { customerId: event.customerId, meterId: id, units });
    }
  }
  return [...charges.values()];
}
