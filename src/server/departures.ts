import * as signIns from '../domain/sign-ins.ts';
import type { Services } from '../graphql/context.ts';
import type { Viewer } from '../graphql/viewer.ts';
import { after, MINUTE_MS } from '../lib/time.ts';

/** Watches the tokens and sessions that live streams were opened with. */
export interface Departures extends Disposable {
  /** Calls `onEnd` within two seconds of the viewer's token or session ending. Answers how to stop watching. */
  watch(viewer: Viewer, onEnd: () => void): () => void;
}

interface Watched {
  /** When it is asked after, though nothing is known to have happened to it; in milliseconds. */
  askAt: number;
  watchers: Set<{ onEnd: () => void }>;
}

const LOOK_MS = 500;
/** What ends without being revoked or expiring, such as a row that is deleted by hand, is found out within this. */
const ASK_ANYWAY_MS = MINUTE_MS;
/** How much a revocation may be seen later than it says, for clocks that differ and transactions that take their time. */
const MARGIN_MS = MINUTE_MS;

/**
 * A look at the database or two for all streams of this process: at what was revoked lately, by anyone, and at those
 * that should have expired by now. A session that is used lives longer than it said at first.
 */
export function openDepartures({ database, clock, log }: Pick<Services, 'database' | 'clock' | 'log'>): Departures {
  const watched = new Map<string, Watched>();
  let seenAt = clock();
  let looking = false;
  /** Before that there is nobody to ask after; it is not for every look to go through all of them. */
  let askAt = Number.POSITIVE_INFINITY;

  const end = (id: string): void => {
    for (const { onEnd } of [...(watched.get(id)?.watchers ?? [])]) onEnd();
  };
  const look = async (): Promise<void> => {
    if (looking || watched.size === 0) return;
    looking = true;
    const now = clock();
    try {
      for (const id of await signIns.revokedSince(database, after(seenAt, -MARGIN_MS))) end(id);
      await askAfter(now);
      seenAt = now;
    } catch (error) {
      log.warn('It could not be seen whose sign-in has ended; it is tried again.', { error });
    } finally {
      looking = false;
    }
  };
  const askAfter = async (now: Date): Promise<void> => {
    if (askAt > now.getTime()) return;
    const ids: string[] = [];
    for (const [id, { askAt }] of watched) if (askAt <= now.getTime()) ids.push(id);
    const good = await signIns.stillGood(database, ids, now);
    for (const id of ids) {
      const one = watched.get(id);
      const expiresAt = good.get(id);
      if (expiresAt === undefined) end(id);
      else if (one) one.askAt = nextAsking(expiresAt, now);
    }
    askAt = Number.POSITIVE_INFINITY;
    for (const one of watched.values()) askAt = Math.min(askAt, one.askAt);
  };
  const timer = setInterval(() => void look(), LOOK_MS);

  return {
    watch(viewer, onEnd) {
      if (viewer.is === 'anonymous') return () => {};
      const id = viewer.is === 'merchant' ? viewer.tokenId : viewer.sessionId;
      // Nobody looked while there was nobody to look after.
      if (watched.size === 0) seenAt = clock();
      const one = watched.get(id) ?? { askAt: nextAsking(viewer.expiresAt, clock()), watchers: new Set() };
      const watcher = { onEnd };
      one.watchers.add(watcher);
      watched.set(id, one);
      askAt = Math.min(askAt, one.askAt);
      return () => {
        one.watchers.delete(watcher);
        if (one.watchers.size === 0 && watched.get(id) === one) watched.delete(id);
      };
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

const nextAsking = (expiresAt: Date | null, now: Date): number =>
  Math.min(expiresAt?.getTime() ?? Number.POSITIVE_INFINITY, now.getTime() + ASK_ANYWAY_MS);
