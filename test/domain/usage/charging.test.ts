import { expect, test } from 'vitest';
import type { Meter } from '../../../prisma/generated/client/client.ts';
import { chargesOf } from '../../../src/domain/usage/charging.ts';
import { formatUnits } from '../../../src/lib/units.ts';

const meter = (id: string, facts: Partial<Meter>) =>
  ({ id, filter: null, aggregation: 'COUNT', property: null, ...facts }) as Meter;
const METERS = [
  meter('calls', {}),
  meter('tokens', { aggregation: 'SUM', property: 'tokens' }),
  meter('people', { aggregation: 'UNIQUE', property: 'who' }),
];
const event = (customerId: string | null, metadata: object) => ({
  customerId,
  name: 'call',
  timestamp: new Date(0),
  externalId: null,
  metadata: metadata as never,
});

test('usage is one sum per customer and meter, in the order in which they come', () => {
  const events = [
    event('ada', { tokens: 0.1 }),
    event('grace', { tokens: 5 }),
    event('ada', { tokens: 0.2, who: 'x' }),
    event('alan', { tokens: 0 }),
    event(null, { tokens: 9 }),
  ];
  expect(
    chargesOf(METERS, events).map(({ customerId, meterId, units }) => [customerId, meterId, formatUnits(units)]),
  ).toEqual([
    ['ada', 'calls', '2'],
    ['ada', 'tokens', '0.3'],
    ['grace', 'calls', '1'],
    ['grace', 'tokens', '5'],
    ['alan', 'calls', '1'],
  ]);
});
