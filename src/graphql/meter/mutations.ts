import * as meters from '../../domain/meters/meters.ts';
import type { Builder } from '../builder.ts';
import type { PayloadBuilder } from '../declaration.ts';
import { defineMutation } from '../mutation.ts';

export function defineMeterMutations(builder: Builder): void {
  builder.inputType('MeterFilterInput', {
    description: 'Either `{property, operator, value}` or `{conjunction, clauses}`. At most 10 deep, of 100 parts.',
    fields: (t) => ({
      property: t.string({
        description:
          '`name`, `timestamp` and `externalId` are the event’s own; any other is a key of its metadata, dots leading into nested ones. What is missing or of another type than `value` does not match.',
      }),
      operator: t.field({ type: 'MeterFilterOperator', description: 'How the property is held against the value.' }),
      value: t.field({
        type: 'JSON',
        description: 'Text, a number or a boolean; for `timestamp` an RFC 3339 time.',
      }) as never,
      conjunction: t.field({ type: 'MeterFilterConjunction', description: 'Whether all clauses must hold or one.' }),
      clauses: t.field({ type: ['MeterFilterInput'], description: 'Filters that are joined.' }),
    }),
  });
  const aggregation = builder.inputType('MeterAggregationInput', {
    description: 'How usage is summed up.',
    fields: (t) => ({
      function: t.field({
        type: 'MeterFunction',
        required: true,
        description: 'What is done with the values. Credits need COUNT or SUM.',
      }),
      property: t.string({
        description: 'Whose values are taken, for all but COUNT. SUM takes numbers from 0 to 10^15.',
      }),
    }),
  });

  defineMutation(builder, {
    name: 'createMeter',
    description: 'Makes a meter. Usage that was recorded before is measured in the background; see `backfill`.',
    scope: 'meters:write',
    creates: true,
    input: (t) => ({
      name: t.string({ required: true, description: 'What it is called; at most 200 characters.' }),
      filter: t.field({ type: 'MeterFilterInput', description: 'Which usage it counts. Default: all.' }),
      aggregation: t.field({ type: aggregation, required: true, description: 'How it sums usage up.' }),
    }),
    run: async (tx, input) => ({ id: (await meters.create(tx, input)).id }),
    payload: (t) => ({ meter: meterField(t) }),
  });

  defineMutation(builder, {
    name: 'updateMeter',
    description: 'Renames a meter. What it counts never changes: make another one and archive this.',
    scope: 'meters:write',
    keeps: ['name'],
    input: (t) => ({
      id: t.id({ required: true, description: 'The meter.' }),
      name: t.string({ description: 'What it is called; at most 200 characters.' }),
    }),
    run: async (tx, input) => ({ id: (await meters.update(tx, input)).id }),
    payload: (t) => ({ meter: meterField(t) }),
  });

  defineMutation(builder, {
    name: 'archiveMeter',
    description:
      'Ends a meter: usage goes on being recorded and is measured by it no more, nothing is credited to it, and balances stay as they are, to be read. Final; twice changes nothing.',
    scope: 'meters:write',
    input: (t) => ({ id: t.id({ required: true, description: 'The meter.' }) }),
    run: async (tx, input) => ({ id: (await meters.archive(tx, input)).id }),
    payload: (t) => ({ meter: meterField(t) }),
  });
}

const meterField = <Answer extends { id: string }>(t: PayloadBuilder<Answer>) =>
  t.field({
    type: 'Meter',
    description: 'As it is now.',
    resolve: ({ id }, _args, { loaders }) => loaders.existing('Meter', id),
  });
