import type { Prisma } from '../../../prisma/generated/client/client.ts';
import { type CustomerBy, columnOf } from '../../domain/customers.ts';

/** The customer that is meant, as a condition: it finds nobody where there is nobody. */
export function whereCustomer(by: CustomerBy): Prisma.CustomerWhereInput {
  const { column, value } = columnOf(by);
  return { [column]: value };
}
