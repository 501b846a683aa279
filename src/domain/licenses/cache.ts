import { hash, randomBytes } from 'node:crypto';
import { isId } from '../../lib/id.ts';
import type { Keyring } from '../../lib/keyring.ts';
import { normalizeLicenseKey } from '../../lib/license-key.ts';
import type { Soon } from '../../lib/soon.ts';
import type { EventDraft } from '../../platform/unit-of-work.ts';
import type { LicenseRecord, NamedActivation } from './judgement.ts';
import { digestName, type Reader, readActivations, readRecords } from './records.ts';
import { openTrusted } from './trusted.ts';

/** What judgement needs, from memory where that can be trusted. */
export interface LicenseCache {
  /** What a key opens; null when nobody was given it. */
  find(key: string): Soon<LicenseRecord | null>;
  findActivation(id: string): Soon<NamedActivation | null>;
  /** What was read about this customer's licenses counts no more. */
  forget(customerId: string): void;
  /** The same of everyone these events concern. */
  hear(events: readonly Pick<EventDraft, 'customerId'>[]): void;
}

export function openLicenseCache({ database, keyring }: { database: Reader; keyring: Keyring }): LicenseCache {
  // What stays in memory is no key: a dump of it gives none away. This hash takes a microsecond, a hundredth of an
  // answer; the one that finds a key in the database takes three, and is taken only there.
  const salt = randomBytes(16).toString('base64');
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
      return records.find(hash('sha256', salt + key, 'base64'), key);
    },
    findActivation: (id) => (isId('activation', id) ? activations.find(id, id) : null),
    forget,
    hear(events) {
      for (const customerId of new Set(events.map((event) => event.customerId))) if (customerId) forget(customerId);
    },
  };
}
