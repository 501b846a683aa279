import type { Product } from '../../prisma/generated/client/client.ts';
import { checkIfAny, checkMetadata, checkText } from '../lib/checks.ts';
import { differences } from '../lib/difference.ts';
import { InvalidInputError, NotFoundError } from '../lib/errors.ts';
import { newId } from '../lib/id.ts';
import type { Tx } from '../platform/unit-of-work.ts';
import * as rollouts from './rollouts.ts';

const BENEFITS_PER_PRODUCT = 100;

interface Particulars {
  name?: string;
  description?: string | null;
  metadata?: unknown;
  keepForBuyers?: boolean;
}

/** A new product without benefits. */
export async function create(tx: Tx, input: Particulars & { organizationId: string; name: string }): Promise<Product> {
  const id = newId('product', tx.now);
  const data = {
    id,
    organizationId: input.organizationId,
    ...checked(input),
    name: checkText(input.name, ['name'], 200),
  };
  const product = await tx.db.product.create({ data: { ...data, createdAt: tx.now, updatedAt: tx.now } });
  tell(tx, 'product.created', product);
  return product;
}

/** Absent keeps, null clears. Whether buyers keep what was taken off the list reaches them in the background. */
export async function update(tx: Tx, input: Particulars & { organizationId: string; id: string }): Promise<Product> {
  await tx.db.$queryRaw`SELECT 1 FROM "Product" WHERE id = ${input.id} FOR NO KEY UPDATE`;
  const before = await find(tx, input);
  const data = checked(input);
  const changed = differences(before, data);
  if (changed.length === 0) return before;
  const product = await tx.db.product.update({ where: { id: input.id }, data: { ...data, updatedAt: tx.now } });
  if (changed.includes('keepForBuyers'))
    await rollouts.start(tx, { organizationId: input.organizationId, productId: input.id });
  tell(tx, 'product.updated', product);
  return product;
}

/**
 * Replaces the whole ordered list. Who subscribed to or bought the product follows in the background, unless only the
 * order changed: then nobody gains or loses anything and only positions move.
 */
export async function setBenefits(
  tx: Tx,
  { organizationId, id, benefitIds }: { organizationId: string; id: string; benefitIds: readonly string[] },
): Promise<Product> {
  const product = await find(tx, { organizationId, id });
  await tx.db.$queryRaw`SELECT 1 FROM "Product" WHERE id = ${id} FOR NO KEY UPDATE`;
  await lockMoved(tx, id, benefitIds);
  await checkList(tx, organizationId, benefitIds, ['benefitIds']);
  const before = await tx.db.productBenefit.findMany({ where: { productId: id }, orderBy: { position: 'asc' } });
  if (before.map((entry) => entry.benefitId).join() === benefitIds.join()) return product;

  await tx.db.productBenefit.deleteMany({ where: { productId: id } });
  await tx.db.productBenefit.createMany({
    data: benefitIds.map((benefitId, position) => ({ productId: id, benefitId, position })),
  });
  await moveGrants(tx, id);
  const same = before.length === benefitIds.length && before.every((entry) => benefitIds.includes(entry.benefitId));
  if (!same) await rollouts.start(tx, { organizationId, productId: id });
  const updated = await tx.db.product.update({ where: { id }, data: { updatedAt: tx.now } });
  tell(tx, 'product.updated', updated);
  return updated;
}

/** A list a product may have: benefits that exist, each once. None of them is deleted before the transaction ends. */
export async function checkList(
  tx: Tx,
  organizationId: string,
  benefitIds: readonly string[],
  at: string[],
): Promise<void> {
  if (benefitIds.length > BENEFITS_PER_PRODUCT) {
    throw new InvalidInputError(`A product has at most ${BENEFITS_PER_PRODUCT} benefits.`, at);
  }
  const known = await tx.db.$queryRaw<{ id: string }[]>`
    SELECT id FROM "Benefit" WHERE id = ANY(${[...benefitIds]}) AND "organizationId" = ${organizationId} AND "deletedAt" IS NULL
    ORDER BY id FOR SHARE`;
  const ids = new Set(known.map((benefit) => benefit.id));
  for (const [index, benefitId] of benefitIds.entries()) {
    const path = [...at, String(index)];
    if (!ids.has(benefitId)) throw new NotFoundError('benefit', path);
    if (benefitIds.indexOf(benefitId) < index) throw new InvalidInputError('A product lists a benefit once.', path);
  }
}

export async function find(
  tx: Tx,
  { organizationId, id }: { organizationId: string; id: string },
  path = ['id'],
): Promise<Product> {
  const product = await tx.db.product.findFirst({ where: { id, organizationId } });
  if (!product) throw new NotFoundError('product', path);
  return product;
}

/**
 * The product of a purchase, kept from being edited until the purchase commits: so an edit either is seen by the
 * purchase, or sees it when it looks for whom it concerns.
 */
export async function hold(tx: Tx, named: { organizationId: string; id: string }): Promise<void> {
  const { organizationId, id } = named;
  const rows = await tx.db.$queryRaw<
    unknown[]
  >`SELECT 1 FROM "Product" WHERE id = ${id} AND "organizationId" = ${organizationId} FOR SHARE`;
  if (rows.length === 0) throw new NotFoundError('product', ['productId']);
}

/**
 * Whose grants this list moves: their changes wait, and nobody's grants are written but under their customer's lock.
 * Everywhere products come first, then customers in the order of their ids, then benefits.
 */
async function lockMoved(tx: Tx, productId: string, benefitIds: readonly string[]): Promise<void> {
  await tx.db.$queryRaw`
    SELECT 1 FROM "Customer" WHERE id IN (
      SELECT g."customerId" FROM "BenefitGrant" g
      JOIN unnest(${[...benefitIds]}::text[]) WITH ORDINALITY AS list(id, place) ON g."benefitId" = list.id
      WHERE g.position <> list.place - 1
        AND (g."subscriptionId" IN (SELECT id FROM "Subscription" WHERE "productId" = ${productId})
          OR g."orderId" IN (SELECT id FROM "Order" WHERE "productId" = ${productId})))
    ORDER BY id FOR NO KEY UPDATE`;
}

/** Customers see benefits in the order of the product, at once. */
async function moveGrants(tx: Tx, productId: string): Promise<void> {
  await tx.db.$executeRaw`
    UPDATE "BenefitGrant" g SET position = list.position, "updatedAt" = ${tx.now}
    FROM "ProductBenefit" list
    WHERE list."productId" = ${productId} AND g."benefitId" = list."benefitId" AND g.position <> list.position
      AND (g."subscriptionId" IN (SELECT id FROM "Subscription" WHERE "productId" = ${productId})
        OR g."orderId" IN (SELECT id FROM "Order" WHERE "productId" = ${productId}))`;
}

function tell(tx: Tx, type: string, product: Product): void {
  tx.append({ organizationId: product.organizationId, type, subjectId: product.id, data: { product } });
}

function checked({ name, description, metadata, keepForBuyers }: Particulars) {
  return {
    ...(name !== undefined && { name: checkText(name, ['name'], 200) }),
    ...(description !== undefined && {
      description: checkIfAny(description, (value) => checkText(value, ['description'], 5_000)),
    }),
    ...(metadata !== undefined && { metadata: checkMetadata(metadata ?? {}, ['metadata']) }),
    ...(keepForBuyers !== undefined && { keepForBuyers }),
  };
}
