import type { Builder } from '../builder.ts';
import { pageArgs } from '../connection.ts';
import { organizationOf } from '../context.ts';
import { listPage } from '../page.ts';

export function defineProductQueries(builder: Builder): void {
  builder.queryField('product', (t) =>
    t.field({
      type: 'Product',
      nullable: true,
      description: 'One product; null when there is none.',
      authScopes: { scope: 'products:read' },
      args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
      resolve: (_root, { id }, { loaders }) => loaders.row('Product', id),
    }),
  );
  builder.queryField('products', (t) =>
    t.field({
      type: 'ProductConnection',
      nullable: true,
      description: 'All products, newest first.',
      authScopes: { scope: 'products:read' },
      args: pageArgs(t.arg),
      resolve: (_root, args, context) => {
        const { product } = context.database.prisma;
        const where = { organizationId: organizationOf(context) };
        return listPage(
          args,
          (page) => product.findMany({ ...page, where, orderBy: { id: 'desc' } }),
          () => product.count({ where }),
        );
      },
    }),
  );
}
