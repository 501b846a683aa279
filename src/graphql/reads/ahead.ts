import type { Database } from '../../platform/database.ts';
import type { Page } from '../page.ts';
import type { Loaders } from './loaders.ts';
import { orderOf, RELATIONS } from './pages.ts';
import { revive } from './revive.ts';
import { type CustomerRow, type Rows, SOURCES } from './rows.ts';

/** Which customers are meant. */
export interface Which {
  name: string;
  /** What follows the table `t`; its values are numbered from $1. */
  clause: string;
  values: readonly unknown[];
}

/** The first grants of each customer, and what is asked of them. */
export interface GrantsAhead {
  page: Page;
  benefits: boolean;
  deliveries: boolean;
  /** Nobody will ask for rare columns. */
  lean: boolean;
}

/**
 * Reads customers and whatever the same query will ask of their grants in one statement, and puts it where loaders
 * look first. Every statement costs a round trip; what hangs together is better fetched together.
 */
export async function readCustomers(
  { database, loaders }: { database: Database; loaders: Loaders },
  which: Which,
  ahead: GrantsAhead | null,
): Promise<CustomerRow[]> {
  const { name, text } = statement(which, ahead);
  const values = ahead ? [...which.values, ahead.page.limit + 1] : [...which.values];
  const [answer] = await database.read<Answer>(name, text, values);
  const customers = keep('Customer', answer?.customers);
  keep('Benefit', answer?.benefits);
  keep('LicenseKey', answer?.keys);
  if (ahead) {
    const grants = Map.groupBy(keep('BenefitGrant', answer?.grants), (grant) => grant.customerId);
    for (const { id } of customers) loaders.putChildren('grantsOfCustomer', ahead.page, id, grants.get(id) ?? []);
  }
  return customers;

  function keep<Table extends keyof Rows>(table: Table, rows: Rows[Table][] | null | undefined): Rows[Table][] {
    for (const row of rows ?? []) loaders.put(table, revive(table, row));
    return rows ?? [];
  }
}

/** Each list is there once, however many of its rows name each other. */
interface Answer {
  customers: CustomerRow[] | null;
  grants?: Rows['BenefitGrant'][] | null;
  benefits?: Rows['Benefit'][] | null;
  keys?: Rows['LicenseKey'][] | null;
}

function statement({ name, clause, values }: Which, ahead: GrantsAhead | null): { name: string; text: string } {
  const list = (rows: string, as: string) => `(SELECT json_agg(r) FROM (${rows}) r) AS "${as}"`;
  const rowsOf = (table: keyof Rows, where: string) =>
    `SELECT ${SOURCES[table][ahead?.lean ? 'lean' : 'columns']} FROM ${SOURCES[table].from} ${where}`;
  const customers = `customers AS MATERIALIZED (${rowsOf('Customer', clause)})`;
  if (!ahead)
    return { name: `customers ${name}`, text: `WITH ${customers} SELECT ${list('TABLE customers', 'customers')}` };
  const { benefits, deliveries, lean } = ahead;
  const page = `WHERE t."customerId" = customers.id ORDER BY ${orderOf(RELATIONS.grantsOfCustomer)} LIMIT $${values.length + 1}`;
  const lists = [list('TABLE customers', 'customers'), list('TABLE grants', 'grants')];
  if (benefits) lists.push(list(rowsOf('Benefit', 'WHERE t.id IN (SELECT "benefitId" FROM grants)'), 'benefits'));
  if (deliveries) lists.push(list(rowsOf('LicenseKey', 'WHERE t."grantId" IN (SELECT id FROM grants)'), 'keys'));
  return {
    name: `customers ${name}, grants${benefits ? ', benefits' : ''}${deliveries ? ', deliveries' : ''}${lean ? ', lean' : ''}`,
    text: `WITH ${customers}, grants AS MATERIALIZED (
        SELECT g.* FROM customers CROSS JOIN LATERAL (${rowsOf('BenefitGrant', page)}) g)
      SELECT ${lists.join(',\n        ')}`,
  };
}
