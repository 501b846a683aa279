import type { Benefit, Prisma } from '../../prisma/generated/client/client.ts';
import { checkMetadata, checkText } from '../lib/checks.ts';
import { differences } from '../lib/difference.ts';
import { NotFoundError } from '../lib/errors.ts';
import { newId } from '../lib/id.ts';
import type { Tx } from '../platform/unit-of-work.ts';
import * as rollouts from './rollouts.ts';

type Properties = Prisma.InputJsonObject;

const DESCRIPTION_CHARACTERS = 500;

/** A new promise. `properties` were checked by its kind; the kind never changes. */
export async function create(
  tx: Tx,
  input: { organizationId: string; type: string; description: string; metadata?: unknown; properties: Properties },
): Promise<Benefit> {
  const benefit = await tx.db.benefit.create({
    data: {
      id: newId('benefit', tx.now),
      organizationId: input.organizationId,
      type: input.type,
      description: checkText(input.description, ['description'], DESCRIPTION_CHARACTERS),
      metadata: checkMetadata(input.metadata ?? {}, ['metadata']),
      properties: input.properties,
      createdAt: tx.now,
      updatedAt: tx.now,
    },
  });
  tell(tx, 'benefit.created', benefit);
  return benefit;
}

/** Absent keeps. New properties are delivered again to everyone who holds the benefit, in the background. */
export async function update(
  tx: Tx,
  input: { organizationId: string; id: string; description?: string; metadata?: unknown; properties?: Properties },
): Promise<Benefit> {
  const { organizationId, id, description, metadata, properties } = input;
  const before = await find(tx, { organizationId, id });
  const data = {
    ...(description !== undefined && { description: checkText(description, ['description'], DESCRIPTION_CHARACTERS) }),
    ...(metadata !== undefined && { metadata: checkMetadata(metadata ?? {}, ['metadata']) }),
    ...(properties !== undefined && { properties }),
  };
  const changed = differences(before, data);
  if (changed.length === 0) return before;
  const delivered = changed.includes('properties');
  const benefit = await tx.db.benefit.update({
    where: { id },
    data: { ...data, ...(delivered && { version: { increment: 1 } }), updatedAt: tx.now },
  });
  if (delivered) await rollouts.start(tx, { organizationId, benefitId: id });
  tell(tx, 'benefit.updated', benefit);
  return benefit;
}

/**
 * What a list in the properties names has changed by itself: every benefit that names `id` there is delivered again to
 * everyone who holds it, in the background.
 */
export async function reapplyNaming(
  tx: Tx,
  { organizationId, field, id }: { organizationId: string; field: string; id: string },
): Promise<void> {
  const named = await tx.db.benefit.findMany({
    where: { organizationId, deletedAt: null, properties: { path: [field], array_contains: [id] } },
    orderBy: { id: 'asc' },
    select: { id: true },
  });
  for (const { id: benefitId } of named) {
    await tx.db.benefit.update({ where: { id: benefitId }, data: { version: { increment: 1 } } });
    await rollouts.start(tx, { organizationId, benefitId });
  }
}

/** Takes it off every product and, in the background, from everyone who holds it. Twice is harmless. */
export async function remove(tx: Tx, { organizationId, id }: { organizationId: string; id: string }): Promise<Benefit> {
  const found = await tx.db.benefit.count({ where: { id, organizationId } });
  if (found === 0) throw new NotFoundError('benefit', ['id']);
  // Purchases of these products wait, and see the list without it; see products.hold.
  await tx.db.$queryRaw`
    SELECT 1 FROM "Product" WHERE id IN (SELECT "productId" FROM "ProductBenefit" WHERE "benefitId" = ${id}) ORDER BY id FOR NO KEY UPDATE`;
  await tx.db.$queryRaw`SELECT 1 FROM "Benefit" WHERE id = ${id} FOR NO KEY UPDATE`;
  const before = await tx.db.benefit.findUniqueOrThrow({ where: { id } });
  if (before.deletedAt) return before;
  const benefit = await tx.db.benefit.update({ where: { id }, data: { deletedAt: tx.now, updatedAt: tx.now } });
  // Only now, so that it is also taken off lists that were being written; see products.setBenefits.
  await tx.db.productBenefit.deleteMany({ where: { benefitId: id } });
  await rollouts.start(tx, { organizationId, benefitId: id });
  tell(tx, 'benefit.deleted', benefit);
  return benefit;
}

/** A benefit that still exists, held against change until the transaction ends. */
export async function find(
  tx: Tx,
  { organizationId, id }: { organizationId: string; id: string },
  path = ['id'],
): Promise<Benefit> {
  await tx.db
    .$queryRaw`SELECT 1 FROM "Benefit" WHERE id = ${id} AND "organizationId" = ${organizationId} FOR NO KEY UPDATE`;
  const benefit = await tx.db.benefit.findFirst({ where: { id, organizationId, deletedAt: null } });
  if (!benefit) throw new NotFoundError('benefit', path);
  return benefit;
}

function tell(tx: Tx, type: string, benefit: Benefit): void {
  tx.append({ organizationId: benefit.organizationId, type, subjectId: benefit.id, data: { benefit } });
}
