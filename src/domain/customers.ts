import type { Customer } from '../../prisma/generated/client/client.ts';
import { checkEmail, checkExternalId, checkIfAny, checkMetadata, checkText } from '../lib/checks.ts';
import { differences } from '../lib/difference.ts';
import { ConflictError, NotFoundError } from '../lib/errors.ts';
import { newId } from '../lib/id.ts';
import { uniqueViolation } from '../platform/database.ts';
import type { Tx } from '../platform/unit-of-work.ts';
import * as strangers from './usage/strangers.ts';

/** One way to name a customer, everywhere: exactly one of these is set. */
export interface CustomerBy {
  id?: string | null;
  externalId?: string | null;
  email?: string | null;
}

interface Particulars {
  email?: string;
  externalId?: string | null;
  name?: string | null;
  metadata?: unknown;
}

/** A new customer. E-mail and external id are each theirs alone within the organization. */
export async function create(
  tx: Tx,
  input: Particulars & { organizationId: string; email: string },
): Promise<Customer> {
  const id = newId('customer', tx.now);
  const data = {
    id,
    organizationId: input.organizationId,
    ...checked(input),
    email: checkEmail(input.email, ['email']),
  };
  const { organizationId, externalId } = { externalId: null, ...data };
  const awaited = externalId !== null && (await strangers.isAwaited(tx, organizationId, externalId));
  const customer = await tx.db.customer
    .create({ data: { ...data, createdAt: tx.now, updatedAt: tx.now } })
    .catch(explainTaken);
  if (awaited) strangers.requestAdoption(tx, { customerId: id, externalId });
  tell(tx, 'customer.created', customer);
  return customer;
}

/** Absent keeps, null clears. */
export async function update(tx: Tx, input: Particulars & { organizationId: string; id: string }): Promise<Customer> {
  const { organizationId, id } = input;
  const data = checked(input);
  const externalId = data.externalId ?? null;
  const awaited = externalId !== null && (await strangers.isAwaited(tx, organizationId, externalId));
  await lock(tx, organizationId, id, ['id']);
  const before = await tx.db.customer.findUniqueOrThrow({ where: { id } });
  if (differences(before, data).length === 0) return before;
  const customer = await tx.db.customer
    .update({ where: { id }, data: { ...data, updatedAt: tx.now } })
    .catch(explainTaken);
  if (awaited) strangers.requestAdoption(tx, { customerId: id, externalId });
  tell(tx, 'customer.updated', customer);
  return customer;
}

/** The id of the customer that is meant. */
export async function identify(
  tx: Tx,
  input: { organizationId: string; by: CustomerBy; path: string[] },
): Promise<string> {
  const { organizationId, by, path } = input;
  const { column, value } = columnOf(by);
  const found = await tx.db.customer.findFirst({ where: { [column]: value, organizationId }, select: { id: true } });
  if (!found) throw new NotFoundError('customer', path);
  return found.id;
}

/** The column that names the customer who is meant, and what must stand in it: as it is kept, however it was typed. */
export function columnOf({ id, externalId, email }: CustomerBy): { column: keyof CustomerBy; value: string } {
  if (id != null) return { column: 'id', value: id };
  if (externalId != null) return { column: 'externalId', value: externalId.trim() };
  return { column: 'email', value: email?.trim().toLowerCase() ?? '' };
}

/**
 * Everything that decides about a customer holds this lock until it commits: changes of one customer come one after
 * the other, and each sees what the last one wrote.
 */
export async function lock(tx: Tx, organizationId: string, id: string, path: string[]): Promise<void> {
  const rows = await tx.run('lock customer of', LOCK_OF, [id, organizationId]);
  if (rows.length === 0) throw new NotFoundError('customer', path);
  tx.now = tx.clock();
}

/** The same for one whose organization is not at hand. False when there is no such customer. */
export async function lockById(tx: Tx, id: string): Promise<boolean> {
  const rows = await tx.run('lock customer', LOCK, [id]);
  tx.now = tx.clock();
  return rows.length > 0;
}

/**
 * The same for those of many customers whom nobody else holds at this moment: who holds several never waits for one
 * more, and nobody waits for the others with them. Answers whom it locked.
 */
export async function lockFree(tx: Tx, ids: readonly string[]): Promise<string[]> {
  const rows = await tx.run<{ id: string }>('lock free customers', LOCK_FREE, [ids]);
  tx.now = tx.clock();
  return rows.map(({ id }) => id);
}

const LOCK = 'SELECT 1 FROM "Customer" WHERE id = $1 FOR NO KEY UPDATE';
const LOCK_OF = 'SELECT 1 FROM "Customer" WHERE id = $1 AND "organizationId" = $2 FOR NO KEY UPDATE';
const LOCK_FREE = 'SELECT id FROM "Customer" WHERE id = ANY($1) FOR NO KEY UPDATE SKIP LOCKED';

/** A customer as events carry them, whatever was loaded along with them. */
export const snapshot = ({
  id,
  organizationId,
  externalId,
  email,
  name,
  metadata,
  createdAt,
  updatedAt,
}: Customer) => ({
  id,
  organizationId,
  externalId,
  email,
  name,
  metadata,
  createdAt,
  updatedAt,
});

function tell(tx: Tx, type: string, customer: Customer): void {
  const { organizationId, id } = customer;
  tx.append({ organizationId, type, customerId: id, subjectId: id, data: { customer: snapshot(customer) } });
}

function checked({ email, externalId, name, metadata }: Particulars) {
  return {
    ...(email !== undefined && { email: checkEmail(email, ['email']) }),
    ...(externalId !== undefined && {
      externalId: checkIfAny(externalId, (value) => checkExternalId(value, ['externalId'])),
    }),
    ...(name !== undefined && { name: checkIfAny(name, (value) => checkText(value, ['name'], 200)) }),
    ...(metadata !== undefined && { metadata: checkMetadata(metadata ?? {}, ['metadata']) }),
  };
}

function explainTaken(error: unknown): never {
  const constraint = uniqueViolation(error);
  if (constraint?.includes('externalId'))
    throw new ConflictError('Another customer has this external id.', ['externalId']);
  if (constraint?.includes('email')) throw new ConflictError('Another customer has this e-mail address.', ['email']);
  throw error;
}
