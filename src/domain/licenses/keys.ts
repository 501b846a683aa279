import type { LicenseKey } from '../../../prisma/generated/client/client.ts';
import { InvalidInputError } from '../../lib/errors.ts';
import { newId } from '../../lib/id.ts';
import { displayLicenseKey, newLicenseKey, normalizeLicenseKey } from '../../lib/license-key.ts';
import { addCalendar, type CalendarUnit } from '../../lib/time.ts';
import { insert, patch } from '../../platform/rows.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import { lockAll } from './locking.ts';

/** What a benefit says about the keys it gives out. */
export interface Terms {
  prefix: string;
  expires: { ttl: number; timeframe: CalendarUnit } | null;
  activations: { limit: number; customerAdmin: boolean; required: boolean } | null;
  limitUsage: number | null;
}

/** A license without what only its customer may see. */
export type Key = Omit<LicenseKey, 'sealed'>;

/** A grant that is to have a key, and what its benefit says about it. */
interface Wanted {
  grantId: string;
  organizationId: string;
  customerId: string;
  benefitId: string;
  terms: Terms;
}

type Issued = Pick<Key, 'id' | 'displayKey'>;

/**
 * The keys of grants, in their order: each is made once, and kept to the terms of its benefit whenever this is called
 * again. However many there are, it takes a constant number of statements.
 */
export async function issue(tx: Tx, wanted: readonly Wanted[]): Promise<Issued[]> {
  const standing = await tx.db.licenseKey.findMany({
    where: { grantId: { in: wanted.map(({ grantId }) => grantId) } },
    select: { id: true, grantId: true, displayKey: true },
  });
  const keys = new Map<string, Issued>(standing.map(({ grantId, ...key }) => [grantId, key]));
  const kept = wanted.flatMap(({ grantId, terms }) => {
    const key = keys.get(grantId);
    return key ? [{ id: key.id, terms }] : [];
  });
  await keepTo(tx, kept);
  const made = wanted.filter(({ grantId }) => !keys.has(grantId)).map((one) => newKey(tx, one));
  await insert(
    tx.db,
    'LicenseKey',
    made.map(({ key }) => key),
  );
  await insert(
    tx.db,
    'LicenseSecret',
    made.map(({ secret }) => secret),
  );
  for (const { key } of made) keys.set(key.grantId, key);
  return wanted.map(({ grantId }) => keys.get(grantId) as Issued);
}

function newKey(tx: Tx, { terms, ...owner }: Wanted) {
  const { digest, ...secret } = newSecret(tx, terms.prefix);
  const id = newId('licenseKey', tx.now);
  const limits = limitsOf(terms, tx.now);
  return {
    key: { id, ...owner, ...secret, ...limits, overrides: [], createdAt: tx.now, updatedAt: tx.now },
    secret: { digest, licenseKeyId: id, createdAt: tx.now },
  };
}

/** A key nobody has yet: what finds it, what shows it to its customer, and what may be shown to anyone. */
export function newSecret(tx: Tx, prefix: string) {
  const text = newLicenseKey(prefix);
  return {
    digest: tx.keyring.digest(normalizeLicenseKey(text)),
    sealed: tx.keyring.seal(text),
    displayKey: displayLicenseKey(text),
  };
}

/** A key as events carry it: never the key itself. */
export const snapshot = ({
  id,
  organizationId,
  customerId,
  benefitId,
  grantId,
  displayKey,
  status,
  usage,
  limitUsage,
  expiresAt,
}: Key) => ({
  id,
  organizationId,
  customerId,
  benefitId,
  grantId,
  displayKey,
  status,
  usage,
  limitUsage,
  expiresAt,
});

/** Limits a merchant set for a key alone stay; time counts from the first grant, whatever is edited. */
async function keepTo(tx: Tx, kept: readonly { id: string; terms: Terms }[]): Promise<void> {
  if (kept.length === 0) return;
  const ids = kept.map(({ id }) => id);
  await lockAll(tx, ids);
  const keys = await tx.db.licenseKey.findMany({
    where: { id: { in: ids } },
    select: { id: true, createdAt: true, overrides: true },
  });
  const changes = keys.map(({ id, createdAt, overrides }) => {
    const terms = kept.find((one) => one.id === id)?.terms;
    const limits = Object.entries(terms ? limitsOf(terms, createdAt) : {});
    const followed = Object.fromEntries(limits.filter(([name]) => !overrides.includes(name)));
    return { ...followed, id, updatedAt: tx.now };
  });
  await patch(tx.db, 'LicenseKey', changes);
}

function limitsOf({ expires, activations, limitUsage }: Terms, from: Date) {
  const expiresAt = expires ? addCalendar(from, expires.ttl, expires.timeframe) : null;
  if (expires && !expiresAt) throw new InvalidInputError('It lies beyond the year 9999.', ['expires', 'ttl']);
  return {
    expiresAt,
    limitUsage,
    limitActivations: activations?.limit ?? null,
    customerAdmin: activations?.customerAdmin ?? false,
    activationsRequired: activations?.required ?? false,
  };
}
