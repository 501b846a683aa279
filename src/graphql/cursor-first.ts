import type { GraphQLResolveInfo } from 'graphql';
import * as cursors from '../domain/cursors.ts';
import * as events from '../domain/events.ts';
import type { Soon } from '../lib/soon.ts';
import { type Context, organizationOf } from './context.ts';
import { mentions } from './selection.ts';

/**
 * Where the live stream stands is read before anything else that the same operation reads: whoever subscribes from
 * there is told of everything the answer does not show yet. Nothing to wait for where nobody asks for it.
 */
export function readCursorFirst(context: Context, { operation, fragments }: GraphQLResolveInfo): Soon<unknown> {
  const selected = mentions(operation, fragments, 'liveCursor');
  return selected && context.viewer.is !== 'anonymous' ? liveCursor(context) : undefined;
}

/** Names the place in the log that was newest before anything else was read. */
export const liveCursor = (context: Context): Promise<string> =>
  context.loaders.once('live cursor', async () => {
    const organizationId = organizationOf(context);
    const sequence = await events.newest(context.database, organizationId);
    return cursors.issue({ organizationId, sequence, now: context.clock() });
  });
