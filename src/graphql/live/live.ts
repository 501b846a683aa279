import type { Kind } from '../../benefits/kind.ts';
import type { Builder } from '../builder.ts';
import { defineBalanceChanged } from './balances.ts';
import { defineEventAppended } from './events.ts';
import { defineGrantChanged } from './grants.ts';

/** What is told while it happens. Everything here is read from the log of events. */
export function defineLive(builder: Builder, kinds: readonly Kind[]): void {
  builder.subscriptionType({
    description:
      'What is told while it happens, over a WebSocket (graphql-transport-ws) or as server-sent events. Errors are those of Query, CURSOR_EXPIRED (read anew, and go on from a fresh `liveCursor`) and SLOW_CONSUMER (go on from the last cursor).',
  });
  defineGrantChanged(builder);
  defineBalanceChanged(builder);
  defineEventAppended(builder, kinds);
}
