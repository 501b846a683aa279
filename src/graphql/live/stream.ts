import type { Scope } from '../../domain/access-tokens.ts';
import * as cursors from '../../domain/cursors.ts';
import type { CustomerBy } from '../../domain/customers.ts';
import * as events from '../../domain/events.ts';
import type { Wish } from '../../domain/feed/feed.ts';
import { type News, SlowConsumerError } from '../../domain/feed/follower.ts';
import { InvalidInputError, NotFoundError } from '../../lib/errors.ts';
import { goOn, type Soon } from '../../lib/soon.ts';
import { DONE, streamOf } from '../../lib/stream.ts';
import { type Context, organizationOf, requireMerchant } from '../context.ts';
import { whereCustomer } from '../customer/where.ts';
import { requestError } from '../errors.ts';
import { type Loaders, openLoaders } from '../reads/loaders.ts';
import type { Asks } from '../reads/rows.ts';

/** One message of a stream. */
export interface Told {
  event: News['event'];
  cursor: string;
}

export const AFTER =
  'The cursor of the last message one has, or a `liveCursor`: what came since is told first, then what comes, without gap or double. Without it the stream begins now. Older than 30 days it is refused with CURSOR_EXPIRED.';
export const CURSOR = 'Where to go on after this message: give it as `after`. Good for 30 days.';

/** The customer of whom the viewer may hear; undefined: everyone of the organization. `scope`: what merchants need. */
export async function whose(
  context: Context,
  by: CustomerBy | null | undefined,
  scope: Scope,
): Promise<string | undefined> {
  const { viewer } = context;
  if (viewer.is !== 'customer') requireMerchant(context, scope);
  const own = viewer.is === 'customer' ? viewer.customerId : undefined;
  if (!by) return own;
  const where = { AND: [whereCustomer(by), { organizationId: organizationOf(context), ...(own && { id: own }) }] };
  const found = await context.database.prisma.customer.findFirst({ where, select: { id: true } });
  if (!found) throw new NotFoundError('customer', ['customer']);
  return found.id;
}

type Meant = Pick<Wish, 'customerId' | 'types' | 'isMeant'>;

/** Listens from a place in the log on, without gap or double. */
export async function listen(
  context: Context,
  meant: Meant,
  cursor: string | null | undefined,
  prepare?: Prepare,
): Promise<AsyncIterableIterator<Told>> {
  const organizationId = organizationOf(context);
  const newest = await events.newest(context.database, organizationId);
  const after = cursor == null ? newest : await readCursor(cursor, organizationId, context);
  if (after > newest) throw new InvalidInputError('This cursor lies beyond the end of the log.', ['after']);
  const news = context.feed.follow({ organizationId, ...meant, after });
  return tell(context, news, prepare);
}

async function readCursor(cursor: string, organizationId: string, { clock, database }: Context): Promise<bigint> {
  const now = clock();
  try {
    const after = cursors.read(cursor, { organizationId, now });
    const missedAt = await events.timeAfter(database, { organizationId, after });
    if (missedAt) cursors.requireRecent(missedAt, now);
    return after;
  } catch (error) {
    throw error instanceof cursors.CursorExpiredError ? requestError('CURSOR_EXPIRED', error.message) : error;
  }
}

/**
 * Looks up what is about to be told: at once for all who hear of it, and before it is told to each. Nothing to wait for
 * when it was looked up already.
 */
export type Prepare = (loaders: Loaders, together: News['together']) => Promise<unknown> | undefined;

/** Messages, each looked up no earlier than it was read from the log. */
function tell(
  context: Context,
  news: AsyncIterableIterator<News>,
  prepare: Prepare | undefined,
): AsyncIterableIterator<Told> {
  const { asks } = context.loaders;
  let together: News['together'] | undefined;
  let over = true;
  const look = (heard: News): Promise<unknown> | undefined => {
    together = heard.together;
    context.loaders = sharedLoaders(context, asks, heard.reading);
    // Should it fail, the answer that needs it says so.
    return prepare?.(context.loaders, together)?.catch(() => {});
  };
  /** Thousands wait: nobody keeps meanwhile what was looked up for what they were told last. */
  const forget = (): void => {
    together = undefined;
    context.loaders = NOTHING;
  };
  const told = (event: News['event']): IteratorResult<Told, undefined> => {
    const { organizationId, sequence } = event;
    return { done: false, value: { event, cursor: cursors.issue({ organizationId, sequence, now: context.clock() }) } };
  };
  const hear = ({ done, value }: IteratorResult<News>): Soon<IteratorResult<Told, undefined>> => {
    if (done) return DONE;
    const { event } = value;
    over = event === value.together.at(-1);
    return goOn(value.together === together ? undefined : look(value), () => told(event));
  };
  // No async function: thousands wait here, and each of them would keep one.
  const next = (): Promise<IteratorResult<Told, undefined>> => {
    if (over) forget();
    return news.next().then(hear, complain);
  };
  return streamOf(next, () => news.return?.());
}

function complain(error: unknown): never {
  throw error instanceof SlowConsumerError ? requestError('SLOW_CONSUMER', error.message) : error;
}

/** Whoever waits looks nothing up. */
const NOTHING = new Proxy({} as Loaders, {
  get(_none, asked) {
    throw new Error(`A stream that waits was asked to look up ${String(asked)}.`);
  },
});

const shared = new WeakMap<object, Map<Asks, Loaders>>();

/**
 * Whoever hears the same reading of an organization's log, and asks for the same of it, looks things up once for all of
 * them. Loaders know the organization and nobody's rights: what of a row may be seen is decided where it is shown.
 */
function sharedLoaders(context: Context, asks: Asks, reading: object): Loaders {
  const all = shared.get(reading) ?? new Map<Asks, Loaders>();
  shared.set(reading, all);
  const known = all.get(asks);
  if (known) return known;
  const loaders = openLoaders(context, context.viewer);
  loaders.asks = asks;
  all.set(asks, loaders);
  return loaders;
}
