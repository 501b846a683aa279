const RFC_3339 = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/i;
/** PostgreSQL and RFC 3339 agree on these years. */
const FIRST_INSTANT = Date.parse('0001-01-01T00:00:00Z');
const LAST_INSTANT = Date.parse('9999-12-31T23:59:59.999Z');

/** The instant an RFC 3339 time with a time zone names; null for any other text, and for days there are not. */
export function parseInstant(text: string): Date | null {
  const [, day, time, , zone] = RFC_3339.exec(text) ?? [];
  if (!day || !time || !zone) return null;
  const date = new Date(text.toUpperCase());
  // `new Date` makes 3 March of 31 February; the day must survive the round trip.
  const named = new Date(`${day}T${time}Z`);
  if (Number.isNaN(date.getTime()) || Number.isNaN(named.getTime())) return null;
  if (!named.toISOString().startsWith(`${day}T${time}`)) return null;
  return date.getTime() < FIRST_INSTANT || date.getTime() > LAST_INSTANT ? null : date;
}
