import type { LicenseKey } from '../../../prisma/generated/client/client.ts';
import { InvalidInputError } from '../../lib/errors.ts';
import { newId } from '../../lib/id.ts';
import { displayLicenseKey, newLicenseKey, normalizeLicenseKey } from '../../lib/license-key.ts';
import { addCalendar, type CalendarUnit } from '../../lib/time.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import { lock } from './locking.ts';

/** What a benefit says about the keys it gives out. */
export interface Terms {
  prefix: string;
  expires: { ttl: number; timeframe: CalendarUnit } | null;
  activations: { limit: number; customerAdmin: boolean; required: boolean } | null;
  limitUsage: number | null;
}

/** A license without what only its customer may see. */
export type Key = Omit<LicenseKey, 'sealed'>;

/** The key of a grant: made once, and kept to the benefit's terms whenever this is called again. */
export async function issue(
  tx: Tx,
  grant: { id: string; organizationId: string; customerId: string; benefitId: string },
  terms: Terms,
): Promise<Key> {
  const standing = await tx.db.licenseKey.findUnique({ where: { grantId: grant.id } });
  if (standing) return keepTo(tx, standing.id, terms);
  const { digest, ...secret } = newSecret(tx, terms.prefix);
  return tx.db.licenseKey.create({
    data: {
      id: newId('licenseKey', tx.now),
      organizationId: grant.organizationId,
      customerId: grant.customerId,
      benefitId: grant.benefitId,
      grantId: grant.id,
      ...secret,
      secrets: { create: { digest, createdAt: tx.now } },
      ...limitsOf(terms, tx.now),
      createdAt: tx.now,
      updatedAt: tx.now,
    },
  });
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

/** Limits a merchant set for this key alone stay; time counts from the first grant, whatever is edited. */
async function keepTo(tx: Tx, id: string, terms: Terms): Promise<Key> {
  await lock(tx, id);
  const key = await tx.db.licenseKey.findUniqueOrThrow({ where: { id } });
  const limits = Object.entries(limitsOf(terms, key.createdAt)).filter(([name]) => !key.overrides.includes(name));
  return tx.db.licenseKey.update({ where: { id: key.id }, data: { ...Object.fromEntries(limits), updatedAt: tx.now } });
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
