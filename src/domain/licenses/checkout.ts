import { checkIfAny, checkInteger, checkMetadata } from '../../lib/checks.ts';
import { LicenseRefusedError } from '../../lib/errors.ts';
import { isId, newId } from '../../lib/id.ts';
import { after, DAY_MS, earliest, SECOND_MS } from '../../lib/time.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import { explain, type LicenseRecord, refusals, type Scope } from './judgement.ts';
import { lockByKey, readerIn } from './locking.ts';
import { readActivations } from './records.ts';
import { LONGEST_SIGNED_MS } from './signer.ts';

/** What its header calls a signed license. */
export const LICENSE_TYPE = 'boon-license+jwt';
const DEFAULT_TTL_MS = 7 * DAY_MS;
const SHORTEST_TTL_SECONDS = 60;

export interface NewCheckout extends Pick<Scope, 'organizationId' | 'activationId' | 'fingerprint' | 'conditions'> {
  key: string;
  /** In seconds; the license may be good for less, never for more. */
  ttlSeconds?: number | null;
}

/** What a signed license claims; times as RFC 7519 has them, and those of the license as the API does. */
export interface LicenseClaims {
  /** The checkout, by which it can be revoked. */
  jti: string;
  /** The license key, by its id. */
  sub: string;
  /** The organization. */
  aud: string;
  iat: number;
  exp: number;
  benefitId: string;
  customerId: string;
  customerExternalId: string | null;
  activationId: string | null;
  /** The machine it is good for; null: any. */
  fingerprint: string | null;
  /** When the license ends by itself; null: never. */
  expiresAt: string | null;
  /** Until when it is paid for, as far as is known. */
  paidThrough: string | null;
}

/** Judges a license as validation does and, if it may be used, notes that a copy of it goes out to be used offline. */
export async function checkout(tx: Tx, { ttlSeconds, key, ...scope }: NewCheckout): Promise<LicenseClaims> {
  const most = LONGEST_SIGNED_MS / SECOND_MS;
  const ttl = checkIfAny(ttlSeconds, (value) => checkInteger(value, ['ttlSeconds'], SHORTEST_TTL_SECONDS, most));
  checkIfAny(scope.conditions, (value) => checkMetadata(value, ['conditions']));
  const record = await lockByKey(tx, key);
  const named = scope.activationId ?? '';
  const [activation = null] = isId('activation', named) ? await readActivations(readerIn(tx), [named]) : [];
  const [reason] = refusals(record, activation, scope, tx.now);
  if (reason || !record) throw new LicenseRefusedError(reason ?? 'NOT_FOUND', explain(reason ?? 'NOT_FOUND'), ['key']);

  const paidThrough = await paidUntil(tx, record);
  const wished = after(tx.now, ttl ? ttl * SECOND_MS : DEFAULT_TTL_MS);
  const expiresAt = earliest([wished, record.expiresAt, record.secretUntil, paidThrough]) ?? wished;
  const id = newId('checkout', tx.now);
  const activationId = activation?.id ?? null;
  await tx.db.licenseCheckout.create({
    data: { id, licenseKeyId: record.id, activationId, expiresAt, createdAt: tx.now },
  });
  return {
    jti: id,
    sub: record.id,
    aud: record.organizationId,
    iat: toSeconds(tx.now),
    exp: toSeconds(expiresAt),
    benefitId: record.benefitId,
    customerId: record.customerId,
    customerExternalId: record.customerExternalId,
    activationId,
    fingerprint: activation?.fingerprint ?? scope.fingerprint ?? null,
    expiresAt: record.expiresAt?.toISOString() ?? null,
    paidThrough: paidThrough?.toISOString() ?? null,
  };
}

/** Forgets checkouts that are good no longer. */
export const sweep = (tx: Tx) => tx.db.licenseCheckout.deleteMany({ where: { expiresAt: { lte: tx.now } } });

/** The known end of entitlement, or else of the period; one that has passed without a report has ended nothing. */
async function paidUntil(tx: Tx, { id, entitledUntil }: LicenseRecord): Promise<Date | null> {
  if (entitledUntil) return entitledUntil;
  const where = { licenseKey: { id } };
  const grant = await tx.db.benefitGrant.findFirst({ where, select: { subscription: true } });
  const end = grant?.subscription?.currentPeriodEnd ?? null;
  return end && end > tx.now ? end : null;
}

export const toSeconds = (date: Date): number => Math.floor(date.getTime() / SECOND_MS);
