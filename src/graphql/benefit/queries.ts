import type { Prisma } from '../../../prisma/generated/client/client.ts';
import type { Builder } from '../builder.ts';
import { pageArgs } from '../connection.ts';
import { organizationOf } from '../context.ts';
import { listPage } from '../page.ts';

export function defineBenefitQueries(builder: Builder): void {
  const filter = builder.inputType('BenefitFilter', {
    description: 'Narrows a list of benefits; all that is given must hold.',
    fields: (t) => ({
      type: t.field({ type: 'BenefitType', description: 'Of this kind.' }),
      query: t.string({ description: 'Whose description contains this, whatever its case.' }),
      productId: t.id({ description: 'That this product lists.' }),
      includeDeleted: t.boolean({ description: 'Also those that were deleted. Default false.' }),
    }),
  });
  builder.queryField('benefit', (t) =>
    t.field({
      type: 'Benefit',
      nullable: true,
      description: 'One benefit; null when there is none.',
      authScopes: { scope: 'benefits:read' },
      args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
      resolve: (_root, { id }, { loaders }) => loaders.row('Benefit', id),
    }),
  );
  builder.queryField('benefits', (t) =>
    t.field({
      type: 'BenefitConnection',
      nullable: true,
      description: 'Benefits, newest first.',
      authScopes: { scope: 'benefits:read' },
      args: { filter: t.arg({ type: filter, description: 'Which of them.' }), ...pageArgs(t.arg) },
      resolve: (_root, args, context) => {
        const { benefit } = context.database.prisma;
        const { type, query, productId, includeDeleted } = args.filter ?? {};
        const where: Prisma.BenefitWhereInput = {
          organizationId: organizationOf(context),
          ...(type && { type }),
          ...(query && { description: { contains: literally(query), mode: 'insensitive' } }),
          ...(productId != null && { products: { some: { productId } } }),
          ...(!includeDeleted && { deletedAt: null }),
        };
        return listPage(
          args,
          (page) => benefit.findMany({ ...page, where, orderBy: { id: 'desc' } }),
          () => benefit.count({ where }),
        );
      },
    }),
  );
}

/** Prisma passes the wild cards of LIKE on as they are. */
const literally = (text: string): string => text.replace(/[\\%_]/g, '\\$&');
