import DataLoader from 'dataloader';
import type { Provider } from '../../../prisma/generated/client/client.ts';
import type { Context } from '../context.ts';

/** An account somebody linked, as the API shows it. */
export interface AccountRow {
  id: string;
  customerId: string;
  provider: Provider;
  accountId: string;
  username: string;
  scopes: string[];
  isRefused: boolean;
  inUse: boolean;
  linkedAt: Date;
}

/** The linked accounts of a customer, in the order they were linked. */
export const accountsOf = (context: Context, customerId: string): Promise<AccountRow[]> =>
  context.loaders
    .once('accounts', () => new DataLoader((ids: readonly string[]) => read(context, ids)))
    .load(customerId);

async function read({ database }: Context, customerIds: readonly string[]): Promise<AccountRow[][]> {
  const rows = await database.lookUpEach<AccountRow>({
    name: 'accounts of customers',
    text: `SELECT id, "customerId", provider, "accountId", username, scopes, "isRefused", "inUse", "linkedAt"
     FROM "LinkedAccount" WHERE "customerId" = ANY($1) ORDER BY id`,
    ids: customerIds,
    idOf: (row) => row.customerId,
  });
  const byCustomer = Map.groupBy(rows, (row) => row.customerId);
  return customerIds.map((id) => byCustomer.get(id) ?? []);
}
