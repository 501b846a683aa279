import { type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql';
import type { Context } from './context.ts';

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

/** The sequence of the newest event, as it was before anything else was read. */
export const liveCursor = ({ loaders, database, viewer }: Context): Promise<string> =>
  loaders.once('live sequence', async () => {
    const organizationId = viewer.is === 'anonymous' ? '' : viewer.organizationId;
    const [row] = await database.read<{ sequence: string }>(
      'live sequence',
      'SELECT "eventSequence" AS sequence FROM "Organization" WHERE id = $1',
      [organizationId],
    );
    return row?.sequence ?? '0';
  });

const selects = ({ selections }: SelectionSetNode): boolean =>
  selections.some((node) => {
    if (node.kind === Kind.FIELD && node.name.value === LIVE_CURSOR) return true;
    return 'selectionSet' in node && node.selectionSet ? selects(node.selectionSet) : false;
  });
