import { InvalidInputError } from '../lib/errors.ts';
import { after, DAY_MS } from '../lib/time.ts';

/** How long one can come back to a place in the log. */
const GOOD_FOR_MS = 30 * DAY_MS;
const VERSION = '1';
const LONGEST_CURSOR = 200;

/** What was missed is no longer kept for whoever comes back with this cursor. */
export class CursorExpiredError extends Error {}

/** Names the place in the log right after the event with this sequence; opaque, good for 30 days from `now`. */
export function issue({
  organizationId,
  sequence,
  now,
}: {
  organizationId: string;
  sequence: bigint | string;
  now: Date;
}): string {
  return Buffer.from([VERSION, organizationId, sequence, now.getTime()].join(' ')).toString('base64url');
}

/** The sequence that `cursor` names. Another organization's cursor is as good as none. */
export function read(cursor: string, { organizationId, now }: { organizationId: string; now: Date }): bigint {
  const text = cursor.length > LONGEST_CURSOR ? '' : Buffer.from(cursor, 'base64url').toString();
  const [, issuedFor, sequence, issuedAt] = /^1 (org_\w+) (\d{1,18}) (\d{13})$/.exec(text) ?? [];
  if (!sequence || issuedFor !== organizationId) throw new InvalidInputError('This is no cursor of yours.', ['after']);
  requireRecent(new Date(Number(issuedAt)), now);
  return BigInt(sequence);
}

/** Nobody is told what is older, whatever their cursor says of itself. */
export function requireRecent(time: Date, now: Date): void {
  if (after(time, GOOD_FOR_MS) > now) return;
  throw new CursorExpiredError(
    'This cursor is older than 30 days. Read what stands now, with a liveCursor, and go on from there.',
  );
}
