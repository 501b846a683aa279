import type { Database } from '../../platform/database.ts';
import type { Log } from '../../platform/log.ts';
import * as events from '../events.ts';
import type { Feed } from '../feed/feed.ts';
import type { LicenseCache } from './cache.ts';

/** What concerns a license. */
const TYPES = ['license_key.*', 'benefit_grant.*', 'customer.*'];
/** Of so many organizations at once the log is followed; what is read about others is trusted for less than a second. */
const MOST_ORGANIZATIONS = 100;

export interface Follow extends Disposable {
  /** Somebody asks about a license of this organization. */
  see(organizationId: string): void;
}

export interface FollowOptions {
  feed: Feed;
  database: Database;
  cache: Pick<LicenseCache, 'forget'>;
  log: Log;
}

/**
 * Drops what other processes have changed as soon as the log tells, which the bus makes sooner than it would be read
 * anew. Nothing depends on it: what no log tells of is not trusted for long.
 */
export function followLicenses({ feed, database, cache, log }: FollowOptions): Follow {
  const followed = new Map<string, AbortController>();

  const follow = async (organizationId: string, signal: AbortSignal): Promise<void> => {
    const after = await events.newest(database, organizationId);
    for await (const { event } of feed.follow({ organizationId, types: TYPES, after, signal }))
      if (event.customerId) cache.forget(event.customerId);
  };

  return {
    see(organizationId) {
      if (followed.has(organizationId)) return;
      const oldest = followed.size >= MOST_ORGANIZATIONS ? followed.keys().next().value : undefined;
      if (oldest !== undefined) {
        followed.get(oldest)?.abort();
        followed.delete(oldest);
      }
      const controller = new AbortController();
      followed.set(organizationId, controller);
      follow(organizationId, controller.signal)
        .catch((error: unknown) => log.debug('A log is followed anew.', { error }))
        .finally(() => {
          if (followed.get(organizationId) === controller) followed.delete(organizationId);
        });
    },
    [Symbol.dispose]() {
      for (const controller of followed.values()) controller.abort();
      followed.clear();
    },
  };
}
