import type { WebhookDisabling } from '../../../prisma/generated/client/client.ts';
import { after, DAY_MS, earliest, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../lib/time.ts';

/** What is known of an endpoint's troubles before a call to it. */
export interface Troubles {
  failures: number;
  failingSince: Date | null;
}

/** A call, and what came of it. */
export interface Call {
  startedAt: Date;
  /** Null when there was no answer. */
  status: number | null;
}

export type Verdict =
  | { is: 'delivered' }
  | { is: 'retry'; at: Date; failingSince: Date }
  | { is: 'disable'; because: WebhookDisabling };

/** Between attempts that fail, one after the other; the last one again and again. */
const DELAYS_MS = [
  5 * SECOND_MS,
  30 * SECOND_MS,
  2 * MINUTE_MS,
  5 * MINUTE_MS,
  15 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  2 * HOUR_MS,
];
/** So that endpoints which failed together do not come back together. */
const JITTER = 0.2;
/** After this an endpoint is taken for dead; the last attempt is made when it is up. */
const GIVE_UP_MS = 3 * DAY_MS;
const GONE = 410;

/** What follows from a call. `random` lies from 0 to 1. */
export function judge(troubles: Troubles, { startedAt, status }: Call, now: Date, random: number): Verdict {
  if (isSuccess(status)) return { is: 'delivered' };
  if (status === GONE) return { is: 'disable', because: 'GONE' };
  const failingSince = troubles.failingSince ?? startedAt;
  const deadline = after(failingSince, GIVE_UP_MS);
  if (deadline <= startedAt) return { is: 'disable', because: 'FAILING' };
  const delay = DELAYS_MS[troubles.failures] ?? DELAYS_MS.at(-1) ?? 0;
  const at = after(now, Math.round(delay * (1 - JITTER + 2 * JITTER * random)));
  return { is: 'retry', at: earliest([at, deadline]) ?? at, failingSince };
}

/** Whether whoever answers with this status has taken the message. */
export const isSuccess = (status: number | null): boolean => status !== null && status >= 200 && status < 300;

/** Whether an endpoint that listens to `wanted` wants to hear of an event of this type. */
export const wants = (wanted: readonly string[], type: string): boolean =>
  wanted.some((one) => one === '*' || one === type || (one.endsWith('.*') && type.startsWith(one.slice(0, -1))));

/** Why an answer is no success, for the log of attempts; null when it is one or says so itself. */
export function remark(status: number | null): string | null {
  if (status === null || status < 300 || status >= 400) return null;
  return 'It redirects, and redirects are not followed: give the endpoint the URL it leads to.';
}
