import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addCalendar, type CalendarUnit, earliest } from '../../src/lib/time.ts';

const day = (text: string) => new Date(`${text}T10:30:00.000Z`);

test.each<[from: string, count: number, unit: CalendarUnit, to: string]>([
  ['2026-01-31', 1, 'MONTH', '2026-02-28'],
  ['2028-01-31', 1, 'MONTH', '2028-02-29'],
  ['2026-01-31', 2, 'MONTH', '2026-03-31'],
  ['2026-03-31', 1, 'MONTH', '2026-04-30'],
  ['2026-12-31', 2, 'MONTH', '2027-02-28'],
  ['2026-01-31', 13, 'MONTH', '2027-02-28'],
  ['2024-02-29', 1, 'YEAR', '2025-02-28'],
  ['2024-02-29', 4, 'YEAR', '2028-02-29'],
  ['2096-02-29', 4, 'YEAR', '2100-02-28'],
  ['2026-02-28', 1, 'DAY', '2026-03-01'],
  ['2028-02-28', 1, 'DAY', '2028-02-29'],
  ['2026-12-31', 1, 'DAY', '2027-01-01'],
  ['2026-03-28', 2, 'DAY', '2026-03-30'],
  ['2026-01-31', 7973, 'YEAR', '9999-01-31'],
  ['9999-12-30', 1, 'DAY', '9999-12-31'],
])('%s and %d %s is %s', (from, count, unit, to) => {
  expect(addCalendar(day(from), count, unit)).toEqual(day(to));
});

test.each<[from: string, count: number, unit: CalendarUnit]>([
  ['9999-12-31', 1, 'DAY'],
  ['9999-12-01', 1, 'MONTH'],
  ['2026-01-31', 7974, 'YEAR'],
  ['2026-01-31', 2_147_483_647, 'DAY'],
  ['2026-01-31', 2_147_483_647, 'MONTH'],
  ['2026-01-31', 2_147_483_647, 'YEAR'],
])('%s and %d %s lies beyond the year 9999', (from, count, unit) => {
  expect(addCalendar(day(from), count, unit)).toBeNull();
});

test('months keep the time of day, and the day unless the month is too short for it', () => {
  const dates = fc.date({ min: day('2000-01-01'), max: day('2100-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(dates, fc.integer({ min: 0, max: 1_000 }), (from, months) => {
      const to = addCalendar(from, months, 'MONTH');
      if (!to) throw new Error('It lies before the year 9999.');
      const last = new Date(Date.UTC(to.getUTCFullYear(), to.getUTCMonth() + 1, 0)).getUTCDate();
      expect(to.toISOString().slice(10)).toBe(from.toISOString().slice(10));
      expect(to.getUTCDate()).toBe(Math.min(from.getUTCDate(), last));
      expect((to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth()).toBe(months);
    }),
  );
});

test('the earliest of several instants is found among those that are known', () => {
  expect(earliest([null, day('2026-02-01'), undefined, day('2026-01-01')])).toEqual(day('2026-01-01'));
  expect(earliest([null, undefined])).toBeNull();
});
