import type { Problem } from '../providers/problem.ts';

/** What became of an attempt. Returned, not thrown: an exception is a fault of ours. */
export type Outcome<Held> =
  | { is: 'done'; held: Held }
  | { is: 'retry'; seconds: number | null; code: string; message: string; held?: Held }
  | { is: 'needs'; who: 'CUSTOMER' | 'MERCHANT'; code: string; message: string; held?: Held; gone?: boolean }
  | { is: 'gaveUp'; code: string; message: string; held?: Held };

export const done = <Held>(held: Held): Outcome<Held> => ({ is: 'done', held });

/** A system is in the way. Without `seconds`, delays grow by themselves. */
export const retryAfter = (seconds: number | null, code: string, message: string) =>
  ({ is: 'retry', seconds, code, message }) as const;

/** What a provider said about its refusal, and what was recorded until then. */
export const refused = <Held>({ who, seconds, code, message }: Problem, held?: Held): Outcome<Held> => ({
  ...(who === 'SYSTEM' ? { is: 'retry', seconds } : { is: 'needs', who }),
  code,
  message,
  ...(held !== undefined && { held }),
});

/** Waits until the customer has done something; nothing is tried in the meantime. */
export const needsCustomer = <Held>(code: string, message: string, held?: Held): Outcome<Held> => ({
  is: 'needs',
  who: 'CUSTOMER',
  code,
  message,
  ...(held !== undefined && { held }),
});

/** Waits until the merchant has done something; nothing is tried in the meantime. */
export const needsMerchant = <Held>(code: string, message: string, held?: Held): Outcome<Held> => ({
  is: 'needs',
  who: 'MERCHANT',
  code,
  message,
  ...(held !== undefined && { held }),
});

/** The same of something that was delivered and has been taken back meanwhile: it is promised only. */
export const goneUntilCustomer = <Held>(code: string, message: string, held: Held): Outcome<Held> => ({
  is: 'needs',
  who: 'CUSTOMER',
  code,
  message,
  held,
  gone: true,
});

/** Will not succeed by trying again. */
export const gaveUp = (message: string) => ({ is: 'gaveUp', code: 'GAVE_UP', message }) as const;

/** Nobody here knows how to keep it; a version of Boon that does may be on its way. */
export const unknownKind = (type: string) => retryAfter(null, 'UNKNOWN_KIND', `This Boon has no benefit kind ${type}.`);
