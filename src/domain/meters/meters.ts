import type { Meter, MeterAggregation } from '../../../prisma/generated/client/client.ts';
import { Prisma } from '../../../prisma/generated/client/client.ts';
import { checkText } from '../../lib/checks.ts';
import { ConflictError, InvalidInputError, NotFoundError } from '../../lib/errors.ts';
import { newId } from '../../lib/id.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import { newestUsage } from '../usage/sequence.ts';
import * as filling from './filling.ts';
import { checkFilter, checkProperty, OWN_PROPERTIES } from './filter.ts';
import { holdStill } from './holding.ts';
import { isAdditive } from './matching.ts';

/** Each event is held against every one of them. */
const MOST_METERS = 100;

interface Aggregation {
  function: MeterAggregation;
  property?: string | null;
}

/** A new meter. It measures usage that was recorded before it, too: in the background, page by page. */
export async function create(
  tx: Tx,
  input: { organizationId: string; name: string; filter?: unknown; aggregation: Aggregation },
): Promise<Meter> {
  const { organizationId } = input;
  const name = checkText(input.name, ['name'], 200);
  const filter = input.filter == null ? null : checkFilter(input.filter, ['filter']);
  const aggregation = checkAggregation(input.aggregation);
  await holdStill(tx, organizationId);
  if ((await tx.db.meter.count({ where: { organizationId, archivedAt: null } })) >= MOST_METERS)
    throw new ConflictError(`An organization has at most ${MOST_METERS} meters that are not archived.`, []);
  const startsAfter = await newestUsage(tx, organizationId);
  const nothingBefore = startsAfter === 0n || !isAdditive(aggregation.aggregation);
  const meter = await tx.db.meter.create({
    data: {
      id: newId('meter', tx.now),
      organizationId,
      name,
      filter: filter === null ? Prisma.DbNull : (filter as object),
      ...aggregation,
      startsAfter,
      ...(nothingBefore && { filledTo: startsAfter, toFill: 0, filledAt: tx.now }),
      createdAt: tx.now,
      updatedAt: tx.now,
    },
  });
  if (!nothingBefore) filling.request(tx, meter.id);
  tell(tx, 'meter.created', meter);
  return meter;
}

/** Renames it. What it counts never changes: what it counted stands on balances. */
export async function update(
  tx: Tx,
  { organizationId, id, name }: { organizationId: string; id: string; name?: string },
): Promise<Meter> {
  const before = await lock(tx, organizationId, id);
  const renamed = name === undefined ? before.name : checkText(name, ['name'], 200);
  if (renamed === before.name) return before;
  const meter = await tx.db.meter.update({ where: { id }, data: { name: renamed, updatedAt: tx.now } });
  tell(tx, 'meter.updated', meter);
  return meter;
}

/**
 * What is used from here on it does not measure. What it measured stays, and so do balances; what it has still to measure
 * of the past it goes on with. Twice changes nothing.
 */
export async function archive(tx: Tx, { organizationId, id }: { organizationId: string; id: string }): Promise<Meter> {
  await holdStill(tx, organizationId);
  const before = await lock(tx, organizationId, id);
  if (before.archivedAt) return before;
  const endsAfter = await newestUsage(tx, organizationId);
  const meter = await tx.db.meter.update({
    where: { id },
    data: { archivedAt: tx.now, endsAfter, updatedAt: tx.now },
  });
  tell(tx, 'meter.archived', meter);
  return meter;
}

async function lock(tx: Tx, organizationId: string, id: string): Promise<Meter> {
  await tx.db.$queryRaw`SELECT 1 FROM "Meter" WHERE id = ${id} FOR NO KEY UPDATE`;
  tx.now = tx.clock();
  const meter = await tx.db.meter.findFirst({ where: { id, organizationId } });
  if (!meter) throw new NotFoundError('meter', ['id']);
  return meter;
}

function checkAggregation({ function: aggregation, property }: Aggregation) {
  const path = ['aggregation', 'property'];
  if (aggregation === 'COUNT') {
    if (property != null) throw new InvalidInputError('COUNT counts events and looks at no property.', path);
    return { aggregation, property: null };
  }
  const named = checkProperty(property, path);
  if (aggregation !== 'UNIQUE' && OWN_PROPERTIES.has(named))
    throw new InvalidInputError('It must name a number in the metadata.', path);
  return { aggregation, property: named };
}

/** A meter as events carry it. */
export const snapshot = ({
  id,
  organizationId,
  name,
  filter,
  aggregation,
  property,
  archivedAt,
  createdAt,
  updatedAt,
}: Meter) => ({
  id,
  organizationId,
  name,
  filter,
  aggregation: { function: aggregation, property },
  archivedAt,
  createdAt,
  updatedAt,
});

function tell(tx: Tx, type: string, meter: Meter): void {
  const { organizationId, id } = meter;
  tx.append({ organizationId, type, subjectId: id, data: { meter: snapshot(meter) } });
}
