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

const DUE = `
  SELECT EXISTS (SELECT FROM "Customer" WHERE "settleAt" <= $1) AS customers,
    EXISTS (SELECT FROM "WebhookEndpoint" WHERE "dueAt" <= $1) AS endpoints,
    EXISTS (SELECT FROM "CreditBalance" WHERE "dueAt" <= $1) AS balances`;
