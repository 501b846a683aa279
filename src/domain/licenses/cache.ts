import { isId } from '../../lib/id.ts';
import type { Keyring } from '../../lib/keyring.ts';
import { normalizeLicenseKey } from '../../lib/license-key.ts';
import type { EventDraft } from '../../platform/unit-of-work.ts';
import type { LicenseRecord, NamedActivation } from './judgement.ts';
import { digestName, type Reader, readActivations, readRecords } from './records.ts';
import { openTrusted } from './trusted.ts';

/** What judgement needs, from memory where that can be trusted. */
export interface LicenseCache {
  /** What a key opens; null when nobody was given it. */
  find(key: string): LicenseRecord | null | Promise<LicenseRecord | null>;
  findActivation(id: string): NamedActivation | null | Promise<NamedActivation | null>;
  /** What was read about this customer's licenses counts no more. */
  forget(customerId: string): void;
  /** The same of everyone these events concern. */
  hear(events: readonly Pick<EventDraft, 'customerId'>[]): void;
}

export function openLicenseCache({ database, keyring }: { database: Reader; keyring: Keyring }): LicenseCache {
  const records = openTrusted<string, LicenseRecord>(
    async (keys) => {
      const digests = keys.map((key) => keyring.digests(key));
      const found = await readRecords(database, digests.flat());
      const byDigest = new Map(found.map(({ digest, ...record }) => [digestName(digest), record]));
      return digests.map((all) => all.map((one) => byDigest.get(digestName(one))).find(Boolean) ?? null);
    },
    ({ customerId }) => customerId,
  );
  const activations = openTrusted<string, NamedActivation & { customerId: string }>(
    async (ids) => {
      const byId = new Map((await readActivations(database, ids)).map((one) => [one.id, one]));
      return ids.map((id) => byId.get(id) ?? null);
    },
    ({ customerId }) => customerId,
  );
  const forget = (customerId: string): void => {
    records.forget(customerId);
    activations.forget(customerId);
  };

  return {
    find(text) {
      const key = normalizeLicenseKey(text);
      return records.find(key, key);
    },
    findActivation: (id) => (isId('activation', id) ? activations.find(id, id) : null),
    forget,
    hear(events) {
      for (const customerId of new Set(events.map((event) => event.customerId))) if (customerId) forget(customerId);
    },
  };
}
