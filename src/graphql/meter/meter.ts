import type { MeterAggregation } from '../../../prisma/generated/client/client.ts';
import type { Builder } from '../builder.ts';
import { defineConnection } from '../connection.ts';
import { forMerchants } from '../context.ts';

export function defineMeter(builder: Builder): void {
  const aggregation = builder
    .objectRef<{ aggregation: MeterAggregation; property: string | null }>('MeterAggregation')
    .implement({
      description: 'How a meter sums usage up.',
      fields: (t) => ({
        function: t.expose('aggregation', { type: 'MeterFunction', description: 'What it does with the values.' }),
        property: t.exposeString('property', {
          nullable: true,
          description: 'Whose values it takes; null for COUNT. Dots lead into nested metadata.',
        }),
      }),
    });
  const filling = builder
    .objectRef<{ filled: number; toFill: number | null; filledAt: Date | null }>('MeterBackfill')
    .implement({
      description: 'How far a meter has come with the usage that was recorded before it was made.',
      fields: (t) => ({
        done: t.exposeInt('filled', { description: 'How many events it has looked at.' }),
        total: t.exposeInt('toFill', { nullable: true, description: 'Of how many; null until they are counted.' }),
        finishedAt: t.expose('filledAt', {
          type: 'DateTime',
          nullable: true,
          description: 'When it was done; null: not yet.',
        }),
      }),
    });
  builder.objectType('Meter', {
    description: 'Says which usage counts, and how. What it counts never changes.',
    interfaces: ['Node'],
    fields: (t) => ({
      name: t.exposeString('name', { description: 'What it is called.' }),
      filter: t.field({
        type: 'JSON',
        nullable: true,
        description:
          'Which usage it counts: `{property, operator, value}` or `{conjunction, clauses}`; null: all. For merchants.',
        resolve: forMerchants(({ filter }) => filter),
      }),
      aggregation: t.field({
        type: aggregation,
        description: 'How it sums usage up. For merchants.',
        resolve: forMerchants((meter) => meter),
      }),
      backfill: t.field({
        type: filling,
        description: 'How far it has come with usage recorded before it was made. For merchants.',
        resolve: forMerchants((meter) => meter),
      }),
      archivedAt: t.expose('archivedAt', {
        type: 'DateTime',
        nullable: true,
        description: 'Since when it measures nothing more; null: it does.',
      }),
      createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
      updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it last changed.' }),
    }),
  });
  defineConnection(builder, 'Meter', 'meters');
}
