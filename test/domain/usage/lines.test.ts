import { expect, test } from 'vitest';
import { readReport } from '../../../src/domain/usage/lines.ts';

test('a line reports what ingestUsage takes', () => {
  const line =
    '{"name":"tokens","customer":{"externalId":"u1"},"timestamp":"2026-03-01T12:00:00+01:00","externalId":"e1","metadata":{"n":1}}';
  expect(readReport(line)).toEqual({
    name: 'tokens',
    customer: { externalId: 'u1' },
    timestamp: new Date('2026-03-01T11:00:00Z'),
    externalId: 'e1',
    metadata: { n: 1 },
  });
});

test.each<[string, string[]]>([
  ['nonsense', []],
  ['[]', []],
  ['7', []],
  ['{"name":"x","customer":{"id":"c"},"units":1}', ['units']],
  ['{"customer":{"id":"c"}}', ['name']],
  ['{"name":"x"}', ['customer']],
  ['{"name":"x","customer":{"id":7}}', ['customer', 'id']],
  ['{"name":"x","customer":{"name":"Ada"}}', ['customer', 'name']],
  ['{"name":"x","customer":{"id":"c"},"timestamp":"yesterday"}', ['timestamp']],
  ['{"name":"x","customer":{"id":"c"},"timestamp":1}', ['timestamp']],
  ['{"name":"x","customer":{"id":"c"},"externalId":1}', ['externalId']],
])('%s is refused', (line, path) => {
  expect(() => readReport(line)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT', path }));
});
