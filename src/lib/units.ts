/** An exact decimal with 18 places, as a whole number of 10⁻¹⁸: it adds, subtracts and compares, and never rounds. */
export type Units = bigint;

const PLACES = 18;
const ONE = 10n ** BigInt(PLACES);
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

/** Reads a decimal; what lies beyond 18 places is cut off. */
export function parseUnits(text: string): Units {
  const [, sign, whole, places = ''] = DECIMAL.exec(text) ?? [];
  if (whole === undefined) throw new Error(`${text} is no decimal.`);
  const units = BigInt(whole + places.slice(0, PLACES).padEnd(PLACES, '0'));
  return sign === '-' ? -units : units;
}

/** Writes it without zeros that say nothing. */
export function formatUnits(units: Units): string {
  if (units === 0n) return '0';
  const digits = String(units < 0n ? -units : units).padStart(PLACES + 1, '0');
  const point = digits.length - PLACES;
  let end = digits.length;
  while (end > point && digits[end - 1] === '0') end--;
  return `${units < 0n ? '-' : ''}${digits.slice(0, point)}${end > point ? `.${digits.slice(point, end)}` : ''}`;
}

/** So many whole units. */
export const wholeUnits = (count: number): Units => BigInt(count) * ONE;

export const smaller = (a: Units, b: Units): Units => (a < b ? a : b);
