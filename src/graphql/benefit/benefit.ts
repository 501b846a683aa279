import type { Benefit } from '../../../prisma/generated/client/client.ts';
import { kindOf } from '../../benefits/catalog.ts';
import type { Kind } from '../../benefits/kind.ts';
import type { Builder } from '../builder.ts';
import { defineConnection } from '../connection.ts';
import { forMerchants, requireMerchant } from '../context.ts';
import type { ZodTypes } from '../from-zod.ts';
import { benefitNameOf } from './kinds.ts';

const ROLLOUTS = 20;

/** `Benefit`, and for each kind the type that adds what a merchant configures. */
export function defineBenefit(builder: Builder, kinds: readonly Kind[], zodTypes: ZodTypes): void {
  builder.interfaceType('Benefit', {
    description:
      'One configured promise. What a merchant configures is on the type of its kind; the kind never changes.',
    interfaces: ['Node'],
    resolveType: ({ type }: Benefit) => benefitNameOf(kindOf(kinds, type)),
    fields: (t) => ({
      type: t.expose('type', { type: 'BenefitType', description: 'Its kind.' }),
      description: t.exposeString('description', { description: 'What customers read of it.' }),
      metadata: t.field({
        type: 'Metadata',
        description: 'What the merchant noted about it. For merchants.',
        resolve: forMerchants(({ metadata }) => metadata),
      }),
      rollouts: t.prismaField({
        type: ['Rollout'],
        description: `How the latest changes of its properties reach customers, newest first, at most ${ROLLOUTS}. For merchants.`,
        resolve: (query, { id }, _args, context) => {
          requireMerchant(context);
          const benefit = context.database.prisma.benefit.findUniqueOrThrow({ where: { id } });
          return benefit.rollouts({ ...query, orderBy: { id: 'desc' }, take: ROLLOUTS });
        },
      }),
      createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
      updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it last changed.' }),
      deletedAt: t.expose('deletedAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When it was deleted; grants of it remain to be seen.',
      }),
    }),
  });
  for (const kind of kinds) {
    const properties = (benefit: Benefit) => benefit.properties as Record<string, unknown>;
    builder.objectRef<Benefit>(benefitNameOf(kind)).implement({
      description: kind.description,
      interfaces: ['Benefit', 'Node'],
      fields: zodTypes.outputFields<Benefit>(kind.properties, { read: properties, guard: requireMerchant }),
    });
  }
  defineConnection(builder, 'Benefit', 'benefits');
}
