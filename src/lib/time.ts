/** Reads the time; handed in, so that a test can move it. */
export type Clock = () => Date;

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export type CalendarUnit = 'DAY' | 'MONTH' | 'YEAR';

const LAST_YEAR = 9999;

/** `date` plus `milliseconds`. */
export const after = (date: Date, milliseconds: number): Date => new Date(date.getTime() + milliseconds);

/**
 * Calendar arithmetic in UTC: a month after 31 January is the last day of February, never 3 March.
 * Null when the result lies beyond the year 9999.
 */
export function addCalendar(date: Date, count: number, unit: CalendarUnit): Date | null {
  const result = new Date(date);
  if (unit === 'DAY') {
    result.setUTCDate(result.getUTCDate() + count);
  } else {
    const day = result.getUTCDate();
    result.setUTCDate(1);
    if (unit === 'MONTH') result.setUTCMonth(result.getUTCMonth() + count);
    else result.setUTCFullYear(result.getUTCFullYear() + count);
    if (Number.isNaN(result.getTime())) return null;
    result.setUTCDate(Math.min(day, daysInMonth(result)));
  }
  return Number.isNaN(result.getTime()) || result.getUTCFullYear() > LAST_YEAR ? null : result;
}

/** The earliest of the instants that are known. */
export function earliest(dates: Iterable<Date | null | undefined>): Date | null {
  let first: Date | null = null;
  for (const date of dates) if (date && (!first || date < first)) first = date;
  return first;
}

const daysInMonth = (date: Date): number =>
  new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
