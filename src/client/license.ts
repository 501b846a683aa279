import type { JSONWebKeySet } from 'jose';
import type { Validation } from './boon-answers.ts';
import { fetchTrust, verifyLicense } from './offline.ts';
import { memoryStore, type Store } from './store.ts';
import { BoonError, isAway, openTransport, type Transport } from './transport.ts';

export { isWellTyped } from './license-key.ts';
export { fetchTrust, verifyLicense } from './offline.ts';
export { fileStore, type Store } from './store.ts';
export { BoonError } from './transport.ts';

export interface LicenseOptions {
  /** Where Boon answers. */
  url: string;
  /** As the customer typed it. */
  key: string;
  /** What this machine is known by, the same at every start: takes one of the license's slots for it. */
  fingerprint?: string;
  /** What customers see the machine called. */
  label?: string;
  /** Where to keep what is needed when there is no network; in memory unless said otherwise. */
  store?: Store;
  /** For how long an answer is not asked for again. Default an hour. */
  cacheMs?: number;
  /** For how long one may be offline. Default 14 days; never beyond the license or what is paid for. */
  offlineMs?: number;
  /** And how long after that one is let through all the same. Default 2 days. */
  graceMs?: number;
  timeoutMs?: number;
  clock?: () => number;
}

export interface Verdict {
  /** Whether the application may run. */
  licensed: boolean;
  /** `VALID`; why Boon refused it, `LIMIT_REACHED` among that; or `OFFLINE` when nobody could be asked. */
  code: string;
  /** Until when it holds without asking again; null: for as long as it is asked about. */
  until: Date | null;
}

export interface License {
  /** At every start, and now and then. Never throws for want of a network. */
  check(): Promise<Verdict>;
  /** Gives back this machine's slot, and forgets what was kept. */
  release(): Promise<void>;
}

interface Kept {
  key: string;
  activationId: string | null;
  license: string;
  keys: JSONWebKeySet;
  revoked: string[];
  checkedAt: number;
  /** The latest time ever seen: a clock far behind it was set back. */
  seenAt: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const CLOCK_SLACK_MS = DAY_MS;

/** The license of an application that was shipped: asks when it can, remembers when it cannot. */
export function openLicense(options: LicenseOptions): License {
  const { key, fingerprint, cacheMs = HOUR_MS, offlineMs = 14 * DAY_MS, graceMs = 2 * DAY_MS } = options;
  const { store = memoryStore(), clock = Date.now } = options;
  const transport = openTransport(options);

  const recall = async (): Promise<Kept | null> => {
    const text = await store.read();
    try {
      const kept = JSON.parse(text ?? 'null') as Kept | null;
      return kept?.key === key ? kept : null;
    } catch {
      return null;
    }
  };
  const keep = (kept: Kept) => store.write(JSON.stringify(kept));

  const offline = async (kept: Kept, now: number, grace: number): Promise<Verdict | null> => {
    if (now < kept.seenAt - CLOCK_SLACK_MS) return null;
    const { keys, revoked } = kept;
    const said = { fingerprint: fingerprint ?? null, graceMs: grace, revoked, now: new Date(now) };
    const claims = await verifyLicense(kept.license, keys, said);
    return claims && { licensed: true, code: 'VALID', until: new Date(claims.exp * 1000 + grace) };
  };
  const online = async (kept: Kept | null, now: number): Promise<Verdict> => {
    const activationId = await activated(transport, options, kept);
    const said = { key, activationId, fingerprint };
    const { validateLicenseKey: told } = await transport.query<{ validateLicenseKey: Validation }>(
      'ValidateLicenseKey',
      { input: said },
    );
    if (!told.valid) return refused(told.code);
    const ttlSeconds = Math.floor(offlineMs / 1000);
    const { license, expiresAt } = await transport.change<{ license: string; expiresAt: string }>(
      'CheckoutLicenseKey',
      { ...said, ttlSeconds },
    );
    const trust = await fetchTrust(options.url);
    await keep({ key, activationId, license, ...trust, checkedAt: now, seenAt: now });
    return { licensed: true, code: 'VALID', until: new Date(expiresAt) };
  };
  const refused = async (code: string): Promise<Verdict> => {
    await store.write('null');
    return { licensed: false, code, until: null };
  };

  return {
    async check() {
      const [kept, now] = [await recall(), clock()];
      const fresh = kept && now >= kept.seenAt && now - kept.checkedAt < cacheMs && (await offline(kept, now, 0));
      if (fresh) return fresh;
      try {
        return await online(kept, now);
      } catch (error) {
        if (!(error instanceof BoonError)) throw error;
        if (!isAway(error)) return refused(error.code);
        const verdict = kept && (await offline(kept, now, graceMs));
        if (!kept || !verdict) return { licensed: false, code: 'OFFLINE', until: null };
        await keep({ ...kept, seenAt: Math.max(now, kept.seenAt) });
        return { ...verdict, code: 'OFFLINE' };
      }
    },
    async release() {
      const kept = await recall();
      if (kept?.activationId) await transport.change('DeactivateLicenseKey', { activationId: kept.activationId });
      await store.write('null');
    },
  };
}

/** This machine's activation; null where the license does not count machines, or the machine has no name. */
async function activated(transport: Transport, options: LicenseOptions, kept: Kept | null): Promise<string | null> {
  const { key, fingerprint, label = 'Computer' } = options;
  if (!fingerprint || kept?.activationId) return kept?.activationId ?? null;
  try {
    const input = { key, fingerprint, label };
    return (await transport.change<{ activation: { id: string } }>('ActivateLicenseKey', input)).activation.id;
  } catch (error) {
    if (error instanceof BoonError && error.code === 'CONFLICT') return null;
    throw error;
  }
}
