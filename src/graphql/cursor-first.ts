import { type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql';
import * as cursors from '../domain/cursors.ts';
import * as events from '../domain/events.ts';
import { type Context, organizationOf } from './context.ts';

const LIVE_CURSOR = 'liveCursor';

/** One answer per document: documents are parsed once and kept. */
const seen = new WeakMap<object, boolean>();

/**
 * Where the live stream stands is read before anything else that the same operation reads: whoever subscribes from
 * there is told of everything the answer does not show yet.
 */
export async function readCursorFirst(context: Context, { operation, fragments }: GraphQLResolveInfo): Promise<void> {
  let selected = seen.get(operation);
  if (selected === undefined) {
    selected = [operation, ...Object.values(fragments)].some(({ selectionSet }) => selects(selectionSet));
    seen.set(operation, selected);
  }
  if (selected && context.viewer.is !== 'anonymous') await liveCursor(context);
}

/** Names the place in the log that was newest before anything else was read. */
export const liveCursor = (context: Context): Promise<string> =>
  context.loaders.once('live cursor', async () => {
    const organizationId = organizationOf(context);
    const sequence = await events.newest(context.database, organizationId);
    return cursors.issue({ organizationId, sequence, now: context.clock() });
  });

const selects = ({ selections }: SelectionSetNode): boolean =>
  selections.some((node) => {
    if (node.kind === Kind.FIELD && node.name.value === LIVE_CURSOR) return true;
    return 'selectionSet' in node && node.selectionSet ? selects(node.selectionSet) : false;
  });
