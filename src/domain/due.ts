import type { Database } from '../platform/database.ts';

/** Whose instants have come. */
export interface Due {
  customers: boolean;
  endpoints: boolean;
  balances: boolean;
}

/** Looks whether there is anything to send jobs for, in one short statement: most of the time there is not. */
export async function look({ read }: Pick<Database, 'read'>, now: Date): Promise<Due> {
  const [due] = await read<Due>('due', DUE, [now]);
  return due ?? { customers: true, endpoints: true, balances: true };
}

/** Asked for the first of all, PostgreSQL looks at the end of an index; asked whether there is one, at the whole table. */
const isDue = (table: string, column: string): string =>
  `coalesce((SELECT min("${column}") FROM "${table}") <= $1, false)`;

export const DUE = `
  SELECT ${isDue('Customer', 'settleAt')} AS customers, ${isDue('WebhookEndpoint', 'dueAt')} AS endpoints,
    ${isDue('CreditBalance', 'dueAt')} AS balances`;
