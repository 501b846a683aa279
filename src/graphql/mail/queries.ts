import { queryFromInfo } from '@pothos/plugin-prisma';
import type { Prisma } from '../../../prisma/generated/client/client.ts';
import type { Builder } from '../builder.ts';
import { pageArgs } from '../connection.ts';
import { organizationOf } from '../context.ts';
import { whereCustomer } from '../customer/where.ts';
import { listPage } from '../page.ts';

export function defineMailQueries(builder: Builder): void {
  const filter = builder.inputType('MailFilter', {
    description: 'Narrows a list of mails; all that is given must hold.',
    fields: (t) => ({
      customer: t.field({ type: 'CustomerBy', description: 'To this customer.' }),
      occasion: t.field({ type: 'MailOccasion', description: 'About this.' }),
      state: t.field({ type: 'MailState', description: 'In this state.' }),
    }),
  });
  builder.queryField('mail', (t) =>
    t.prismaField({
      type: 'Mail',
      nullable: true,
      description: 'One mail; null when there is none.',
      authScopes: { scope: 'customers:read' },
      args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
      resolve: (query, _root, { id }, context) =>
        context.database.prisma.mail.findFirst({ ...query, where: { id, organizationId: organizationOf(context) } }),
    }),
  );
  builder.queryField('mails', (t) =>
    t.field({
      type: 'MailConnection',
      nullable: true,
      description: 'Mails to customers and to the organization, newest first.',
      authScopes: { scope: 'customers:read' },
      args: { filter: t.arg({ type: filter, description: 'Which of them.' }), ...pageArgs(t.arg) },
      resolve: (_root, args, context, info) => {
        const { mail } = context.database.prisma;
        const { customer, occasion, state } = args.filter ?? {};
        const where: Prisma.MailWhereInput = {
          organizationId: organizationOf(context),
          ...(customer && { customer: whereCustomer(customer) }),
          ...(occasion && { occasion }),
          ...(state && { state }),
        };
        const query = queryFromInfo({
          context,
          info,
          typeName: 'Mail',
          path: ['edges', 'node'],
          select: { id: true },
        });
        return listPage<never>(
          args,
          (page) => mail.findMany({ ...query, ...page, where, orderBy: { id: 'desc' } }) as Promise<never>,
          () => mail.count({ where }),
        );
      },
    }),
  );
}
