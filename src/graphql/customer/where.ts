import type { Prisma } from '../../../prisma/generated/client/client.ts';
import type { CustomerBy } from '../../domain/customers.ts';

/** The customer that is meant, as a condition: it finds nobody where there is nobody. */
export function whereCustomer({ id, externalId, email }: CustomerBy): Prisma.CustomerWhereInput {
  if (id) return { id };
  return externalId ? { externalId } : { email: email?.trim().toLowerCase() ?? '' };
}
