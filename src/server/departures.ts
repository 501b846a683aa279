import * as signIns from '../domain/sign-ins.ts';
import type { Services } from '../graphql/context.ts';
import type { Viewer } from '../graphql/viewer.ts';

/** Watches the tokens and sessions that live streams were opened with. */
export interface Departures extends Disposable {
  /** Calls `onEnd` within two seconds of the viewer's token or session ending. Answers how to stop watching. */
  watch(viewer: Viewer, onEnd: () => void): () => void;
}

const LOOK_MS = 1_000;

/** One look at the database a second for all streams of this process. */
export function openDepartures({ database, clock, log }: Pick<Services, 'database' | 'clock' | 'log'>): Departures {
  const watched = new Map<string, Set<{ onEnd: () => void }>>();
  let looking = false;

  const look = async (): Promise<void> => {
    if (looking || watched.size === 0) return;
    looking = true;
    try {
      const asked = [...watched.keys()];
      const good = await signIns.stillGood(database, asked, clock());
      for (const id of asked) if (!good.has(id)) for (const { onEnd } of [...(watched.get(id) ?? [])]) onEnd();
    } catch (error) {
      log.warn('It could not be seen whose sign-in has ended; it is tried again.', { error });
    } finally {
      looking = false;
    }
  };
  const timer = setInterval(() => void look(), LOOK_MS);

  return {
    watch(viewer, onEnd) {
      if (viewer.is === 'anonymous') return () => {};
      const id = viewer.is === 'merchant' ? viewer.tokenId : viewer.sessionId;
      const watcher = { onEnd };
      const others = watched.get(id);
      if (others) others.add(watcher);
      else watched.set(id, new Set([watcher]));
      return () => {
        const left = watched.get(id);
        left?.delete(watcher);
        if (left?.size === 0) watched.delete(id);
      };
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
