import type * as customers from '../../domain/customers.ts';
import type { Builder } from '../builder.ts';
import { childPage, pageArgs } from '../connection.ts';
import { type Context, organizationOf } from '../context.ts';
import { SOURCES } from '../reads/rows.ts';

export function defineCustomerQueries(builder: Builder): void {
  builder.queryField('customer', (t) =>
    t.field({
      type: 'Customer',
      nullable: true,
      description: 'One customer, however named; null when there is none.',
      authScopes: { scope: 'customers:read' },
      args: { by: t.arg({ type: 'CustomerBy', required: true, description: 'Who is meant.' }) },
      resolve: (_root, { by }, context) => find(context, by),
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

/** Hot: one prepared statement, whichever name is given. */
async function find(context: Context, { id, externalId, email }: customers.CustomerBy) {
  if (id) return context.loaders.row('Customer', id);
  const [column, value] = externalId ? ['externalId', externalId] : ['email', email?.trim().toLowerCase()];
  const { columns, from } = SOURCES.Customer;
  const [customer] = await context.database.read<never>(
    `customer by ${column}`,
    `SELECT ${columns} FROM ${from} WHERE t."organizationId" = $1 AND t."${column}" = $2`,
    [organizationOf(context), value],
  );
  return customer ?? null;
}
