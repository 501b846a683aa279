import * as accessTokens from '../domain/access-tokens.ts';
import * as customerSessions from '../domain/customer-sessions.ts';
import * as signIns from '../domain/sign-ins.ts';
import type { Services } from '../graphql/context.ts';
import type { Viewer } from '../graphql/viewer.ts';
import { after, HOUR_MS, MINUTE_MS } from '../lib/time.ts';

/** A token that lets nobody in, and whether it once did. */
export interface Refusal {
  is: 'refused';
  because: 'unknown' | 'expired';
}

export interface Doorkeeper extends AsyncDisposable {
  /** Who holds this token. Without one: anonymous. */
  identify(token: string | undefined): Promise<Viewer | Refusal>;
}

const LONGEST_TOKEN = 200;
/** How often use is written down, at most. */
const NOTE_USE_MS = MINUTE_MS;

export function openDoorkeeper({
  database,
  keyring,
  clock,
  log,
}: Pick<Services, 'database' | 'keyring' | 'clock' | 'log'>): Doorkeeper {
  const notes = new Map<string, Promise<unknown>>();

  /** Off the way of the request, and once at a time. */
  const note = (id: string, write: () => Promise<unknown>): void => {
    if (notes.has(id)) return;
    const writing = write()
      .catch((error: unknown) => log.warn('The use of a token could not be noted.', { id, error }))
      .finally(() => notes.delete(id));
    notes.set(id, writing);
  };
  const merchant = async (token: string, now: Date): Promise<Viewer | null> => {
    const holder = await accessTokens.identify(database, keyring, token, now);
    if (!holder) return null;
    const { lastUsedAt, ...known } = holder;
    if (!lastUsedAt || after(lastUsedAt, NOTE_USE_MS) <= now)
      note(known.tokenId, () => signIns.noteUse(database, known.tokenId, now));
    return { is: 'merchant', ...known };
  };
  const customer = async (token: string, now: Date): Promise<Viewer | null> => {
    const holder = await customerSessions.identify(database, keyring, token, now);
    if (!holder) return null;
    const { endsAt, ...known } = holder;
    const canSlide = known.expiresAt < endsAt && known.expiresAt <= after(now, HOUR_MS - NOTE_USE_MS);
    if (canSlide) note(known.sessionId, () => customerSessions.slide(database, holder, now));
    return { is: 'customer', ...known };
  };

  return {
    async identify(token) {
      if (token === undefined) return { is: 'anonymous' };
      const now = clock();
      const read = token.length > LONGEST_TOKEN ? undefined : READERS.get(token.split('_', 2).join('_'));
      const viewer = read && (await { merchant, customer }[read](token, now));
      if (viewer) return viewer;
      const expired = read !== undefined && (await signIns.hasExpired(database, keyring, token, now));
      return { is: 'refused', because: expired ? 'expired' : 'unknown' };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(notes.values());
    },
  };
}

const READERS = new Map<string, 'merchant' | 'customer'>([
  [accessTokens.TOKEN_PREFIX, 'merchant'],
  [customerSessions.TOKEN_PREFIX, 'customer'],
]);

/** The token of an `authorization: Bearer …`. What is no such thing is taken for a token that nobody has. */
export const bearerToken = (authorization: string | undefined): string | undefined =>
  authorization === undefined ? undefined : (/^bearer +(\S+)\s*$/i.exec(authorization)?.[1] ?? '');
