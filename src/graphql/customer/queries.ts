import { type CustomerBy, columnOf } from '../../domain/customers.ts';
import type { Builder } from '../builder.ts';
import { childPage, pageArgs } from '../connection.ts';
import { type Context, organizationOf } from '../context.ts';
import { type CustomerRow, columnsOf } from '../reads/rows.ts';

export function defineCustomerQueries(builder: Builder): void {
  builder.queryField('customer', (t) =>
    t.field({
      type: 'Customer',
      nullable: true,
      description: 'One customer, however named; null when there is none.',
      authScopes: { scope: 'customers:read' },
      args: { by: t.arg({ type: 'CustomerBy', required: true, description: 'Who is meant.' }) },
      resolve: (_root, { by }, context) => findCustomer(context, by),
    }),
  );
  builder.queryField('customers', (t) =>
    t.field({
      type: 'CustomerConnection',
      nullable: true,
      description: 'All customers, newest first.',
      authScopes: { scope: 'customers:read' },
      args: pageArgs(t.arg),
      resolve: (_root, args, context) => childPage(context, 'customersOfOrganization', organizationOf(context), args),
    }),
  );
}

/** The customer that is meant, in the viewer's organization. */
export async function findCustomer(context: Context, by: CustomerBy): Promise<CustomerRow | null> {
  const { loaders, database } = context;
  const { column, value } = columnOf(by);
  if (column === 'id') return loaders.row('Customer', value);
  const { columns, called } = columnsOf('Customer', loaders.asks);
  const [customer = null] = await database.lookUp<CustomerRow>(
    `${called}Customer by ${column}`,
    `SELECT ${columns} FROM "Customer" t WHERE t."organizationId" = $1 AND t."${column}" = $2`,
    [organizationOf(context), value],
  );
  return customer;
}
