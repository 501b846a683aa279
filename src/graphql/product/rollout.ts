import type { Builder } from '../builder.ts';

export function defineRollout(builder: Builder): void {
  builder.prismaObject('Rollout', {
    description: 'How a change of a product or a benefit reaches the customers it concerns.',
    select: { id: true },
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id.' }),
      total: t.exposeInt('total', {
        nullable: true,
        description: 'How many customers it concerns; null until they are counted.',
      }),
      done: t.int({
        description: 'How many of them it has reached.',
        select: { total: true, _count: { select: { customers: true } } },
        resolve: ({ total, _count }) => (total ?? 0) - (total === null ? 0 : _count.customers),
      }),
      isFinished: t.boolean({
        description: 'Whether it has reached all of them.',
        select: { spreadAt: true, _count: { select: { customers: true } } },
        resolve: ({ spreadAt, _count }) => spreadAt !== null && _count.customers === 0,
      }),
      startedAt: t.expose('createdAt', { type: 'DateTime', description: 'When the change was made.' }),
    }),
  });
}
