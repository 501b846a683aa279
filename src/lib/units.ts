/** An exact decimal with 18 places, as a whole number of 10⁻¹⁸: it adds, subtracts and compares, and never rounds. */
export type Units = bigint;

const PLACES = 18;
const ONE = 10n ** BigInt(PLACES);
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

/** Reads a decimal; what lies beyond 18 places is cut off. */
export function parseUnits(text: string): Units {
  const [, sign, whole, places = ''] = DECIMAL.exec(text) ?? [];
  if (whole === undefined) throw new Error(`${text} is no decimal.`);
  const units = BigInt(whole) * ONE + BigInt(places.slice(0, PLACES).padEnd(PLACES, '0'));
  return sign === '-' ? -units : units;
}

/** Writes it without zeros that say nothing. */
export function formatUnits(units: Units): string {
  const size = units < 0n ? -units : units;
  const places = String(size % ONE)
    .padStart(PLACES, '0')
    .replace(/0+$/, '');
  return `${units < 0n ? '-' : ''}${size / ONE}${places && `.${places}`}`;
}

/** So many whole units. */
export const wholeUnits = (count: number): Units => BigInt(count) * ONE;

export const smaller = (a: Units, b: Units): Units => (a < b ? a : b);
