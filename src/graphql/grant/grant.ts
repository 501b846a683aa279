import { kindOf } from '../../benefits/catalog.ts';
import type { Kind } from '../../benefits/kind.ts';
import { isEntitled } from '../../domain/grants/work.ts';
import type { Builder } from '../builder.ts';
import { childPage, defineConnection, pageArgs } from '../connection.ts';
import { type Context, forMerchants, requireMerchant } from '../context.ts';
import { orderOf } from '../reads/orders.ts';
import type { GrantRow } from '../reads/rows.ts';
import { defineAttention } from './attention.ts';
import type { DeliveryRef } from './delivery.ts';
import { defineSource } from './source.ts';

/** One promise to one customer from one source, whatever its kind. */
export function defineGrant(builder: Builder, kinds: readonly Kind[], delivery: DeliveryRef): void {
  const attention = defineAttention(builder);
  const source = defineSource(builder);

  builder.objectType('BenefitGrant', {
    description: 'One benefit promised to one customer for one reason.',
    interfaces: ['Node'],
    fields: (t) => ({
      state: t.expose('state', { type: 'GrantState', description: 'How far it has come.' }),
      isGranted: t.boolean({ description: 'Whether it is delivered.', resolve: ({ state }) => state === 'ACTIVE' }),
      isRevoked: t.boolean({ description: 'Whether the access is gone.', resolve: ({ state }) => state === 'REVOKED' }),
      revoking: t.boolean({
        description: 'Whether entitlement has ended while access is still being taken away.',
        resolve: (grant, _args, { clock }) => grant.state === 'ACTIVE' && !isEntitled(grant, clock()),
      }),
      position: t.exposeInt('position', { description: 'Its place in the order of the product, from 0.' }),
      entitledUntil: t.expose('entitledUntil', {
        type: 'DateTime',
        nullable: true,
        description: 'When entitlement ends or ended; null: no end is known.',
      }),
      stoppedAt: t.expose('stoppedAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When the merchant took it away by hand, until that is lifted.',
      }),
      stopReason: t.string({
        nullable: true,
        description: 'Why the merchant took it away. For merchants.',
        resolve: forMerchants(({ stopReason }) => stopReason),
      }),
      grantedAt: t.expose('grantedAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When it was first delivered.',
      }),
      revokedAt: t.expose('revokedAt', { type: 'DateTime', nullable: true, description: 'When the access was gone.' }),
      fulfilledAt: t.expose('fulfilledAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When the merchant marked it fulfilled.',
      }),
      attention: t.field({
        type: attention,
        nullable: true,
        description: 'What keeps it from going on; null when nothing does.',
        resolve: (grant) => (grant.attentionCode ? grant : null),
      }),
      benefit: t.field({
        type: 'Benefit',
        description: 'What is promised.',
        resolve: ({ benefitId }, _args, { loaders }) => loaders.existing('Benefit', benefitId),
      }),
      customer: t.field({
        type: 'Customer',
        description: 'To whom.',
        resolve: ({ customerId }, _args, { loaders }) => loaders.existing('Customer', customerId),
      }),
      source: t.field({ type: source.ref, description: 'Why.', resolve: source.load }),
      delivery: t.field({
        type: delivery.ref,
        nullable: true,
        description:
          'What the customer got; null before it is delivered, and to the customer also when they are no longer entitled to it.',
        resolve: (grant, _args, context) => (isShown(grant, context) ? delivery.load(context, grant) : null),
      }),
      instructions: t.string({
        nullable: true,
        description: 'What the customer should do with it, in Markdown; null when they are not entitled to it.',
        resolve: async (grant, _args, context) => {
          if (!isEntitled(grant, context.clock())) return null;
          const { type } = await context.loaders.existing('Benefit', grant.benefitId);
          return kindOf(kinds, type).instructions(await orderOf(context, grant));
        },
      }),
      history: t.field({
        type: 'EventConnection',
        description: 'What happened to it, newest first. For merchants.',
        args: pageArgs(t.arg),
        resolve: ({ id }, args, context) => {
          requireMerchant(context);
          return childPage(context, 'historyOfGrant', id, args);
        },
      }),
      createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was promised.' }),
      updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it last changed.' }),
    }),
  });
  defineConnection(builder, 'BenefitGrant', 'grants');
}

const isShown = (grant: GrantRow, { viewer, clock }: Context): boolean =>
  grant.held !== null && (viewer.is === 'merchant' || (grant.state === 'ACTIVE' && isEntitled(grant, clock())));
