import type { Kind } from '../benefits/kind.ts';
import type { Means } from '../benefits/means.ts';
import type { Scope } from '../domain/access-tokens.ts';
import type { Consume } from '../domain/credits/consumption.ts';
import type { Feed } from '../domain/feed/feed.ts';
import type { Licenses } from '../domain/licenses/licenses.ts';
import type { LicenseLimits } from '../domain/licenses/limits.ts';
import type { Signer } from '../domain/licenses/signer.ts';
import type { Ingest } from '../domain/usage/intake.ts';
import type { Keyring } from '../lib/keyring.ts';
import type { Storage } from '../lib/storage.ts';
import type { Clock } from '../lib/time.ts';
import type { Database } from '../platform/database.ts';
import type { Log } from '../platform/log.ts';
import type { LocalStorage } from '../platform/storage/local-storage.ts';
import type { Transaction } from '../platform/unit-of-work.ts';
import type { Http } from '../providers/http.ts';
import { forbidden, unauthenticated } from './errors.ts';
import { type Loaders, openLoaders } from './reads/loaders.ts';
import { allows, type Viewer } from './viewer.ts';

/** What every request of a process shares. */
export interface Services {
  database: Database;
  transaction: Transaction;
  keyring: Keyring;
  clock: Clock;
  feed: Feed;
  http: Http;
  licenses: Licenses;
  /** Takes credits, together with whoever asks at the same time. */
  consumeCredits: Consume;
  /** Records usage, together with whoever has some at the same time. */
  ingestUsage: Ingest;
  signer: Signer;
  /** Absent where nobody is limited. */
  limits?: LicenseLimits;
  log: Log;
  kinds: readonly Kind[];
  /** What kinds may use. */
  means: Means;
  /** Keeps the bytes of files. */
  storage: Storage;
  /** The same, where it is a folder of our own and this server lends it HTTP. */
  localStorage?: LocalStorage;
  /** Bytes an organization's files may take. */
  fileQuota: bigint;
  /** Where this server is reached from outside. */
  url: string;
}

/** What one request sees. */
export interface Context extends Services {
  viewer: Viewer;
  requestId: string;
  /** The caller's address. */
  address: string;
  loaders: Loaders;
}

export function createContext(
  services: Services,
  request: { viewer: Viewer; requestId: string; address: string },
): Context {
  return { ...services, ...request, loaders: openLoaders(services, request.viewer) };
}

/** Forgets what was read, so that what is read from here on is as new as what was just committed. */
export function refresh(context: Context): void {
  context.loaders = openLoaders(context, context.viewer);
}

/** The organization a signed-in caller belongs to. */
export function organizationOf(context: Context): string {
  if (context.viewer.is === 'anonymous') throw unauthenticated();
  return context.viewer.organizationId;
}

/** Refuses whoever is not a merchant; `scope` narrows it to tokens that have it. */
export function requireMerchant(context: Context, scope?: Scope): void {
  if (context.viewer.is === 'anonymous') throw unauthenticated();
  if (context.viewer.is !== 'merchant') throw forbidden('Only the merchant may see this.');
  if (scope && !allows(context.viewer, scope)) throw forbidden(`The token lacks the scope ${scope}.`);
}

/** A resolver that answers merchants only. */
export const forMerchants =
  <Parent, Value>(read: (parent: Parent) => Value) =>
  (parent: Parent, _args: object, context: Context): Value => {
    requireMerchant(context);
    return read(parent);
  };
