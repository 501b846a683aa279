import type { GraphQLResolveInfo } from 'graphql';
import { type CustomerBy, columnOf } from '../../domain/customers.ts';
import type { Builder } from '../builder.ts';
import { pageArgs } from '../connection.ts';
import { type Context, organizationOf } from '../context.ts';
import { grantsAhead } from '../grant/ahead.ts';
import { readPage, toConnection } from '../page.ts';
import { readCustomers } from '../reads/ahead.ts';

export function defineCustomerQueries(builder: Builder): void {
  builder.queryField('customer', (t) =>
    t.field({
      type: 'Customer',
      nullable: true,
      description: 'One customer, however named; null when there is none.',
      authScopes: { scope: 'customers:read' },
      args: { by: t.arg({ type: 'CustomerBy', required: true, description: 'Who is meant.' }) },
      resolve: (_root, { by }, context, info) => findCustomer(context, info, by),
    }),
  );
  builder.queryField('customers', (t) =>
    t.field({
      type: 'CustomerConnection',
      nullable: true,
      description: 'All customers, newest first.',
      authScopes: { scope: 'customers:read' },
      args: pageArgs(t.arg),
      resolve: async (_root, args, context, info) => {
        const organizationId = organizationOf(context);
        const page = readPage(args);
        const which = {
          name: `page${page.after === null ? '' : ' after'}`,
          clause: `WHERE t."organizationId" = $1 ${page.after === null ? '' : 'AND t.id < $3'} ORDER BY t.id DESC LIMIT $2`,
          values: [organizationId, page.limit + 1, ...(page.after === null ? [] : [page.after])],
        };
        const customers = await readCustomers(context, which, grantsAhead(info, ['edges', 'node', 'grants']));
        return toConnection(customers, page, () => context.loaders.count('customersOfOrganization', organizationId));
      },
    }),
  );
}

/** The customer that is meant, in the viewer's organization. */
export async function findCustomer(context: Context, info: GraphQLResolveInfo, by: CustomerBy) {
  const { column, value } = columnOf(by);
  const which = {
    name: `by ${column}`,
    clause: `WHERE t."organizationId" = $1 AND t."${column}" = $2`,
    values: [organizationOf(context), value],
  };
  const [customer] = await readCustomers(context, which, grantsAhead(info, ['grants']));
  return customer ?? null;
}
