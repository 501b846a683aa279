import type { Scope } from '../../domain/access-tokens.ts';
import * as cursors from '../../domain/cursors.ts';
import type { CustomerBy } from '../../domain/customers.ts';
import * as events from '../../domain/events.ts';
import { type News, SlowConsumerError } from '../../domain/follower.ts';
import { InvalidInputError, NotFoundError } from '../../lib/errors.ts';
import { type Context, organizationOf, requireMerchant } from '../context.ts';
import { whereCustomer } from '../customer/where.ts';
import { requestError } from '../errors.ts';
import { type Loaders, openLoaders } from '../reads/loaders.ts';

/** One message of a stream. */
export interface Told extends News {
  cursor: string;
}

export const AFTER =
  'The cursor of the last message one has, or a `liveCursor`: what came since is told first, then what comes, without gap or double. Without it the stream begins now.';
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

type Wish = Omit<events.Selection, 'organizationId'>;

/** Listens from a place in the log on, without gap or double. */
export async function listen(
  context: Context,
  wish: Wish,
  cursor: string | null | undefined,
  { prepare = () => {}, isMeant = () => true }: Ear = {},
): Promise<AsyncIterableIterator<Told>> {
  const organizationId = organizationOf(context);
  const newest = await events.newest(context.database, organizationId);
  const after = cursor == null ? newest : readCursor(cursor, organizationId, context);
  if (after > newest) throw new InvalidInputError('This cursor lies beyond the end of the log.', ['after']);
  const news = context.feed.follow({ organizationId, ...wish, after });
  return tell(context, news, prepare, isMeant);
}

function readCursor(cursor: string, organizationId: string, { clock }: Context): bigint {
  try {
    return cursors.read(cursor, { organizationId, now: clock() });
  } catch (error) {
    throw error instanceof cursors.CursorExpiredError ? requestError('CURSOR_EXPIRED', error.message) : error;
  }
}

/** How a stream listens. */
interface Ear {
  /** Looks up together what happened together. */
  prepare?: Prepare;
  /** Leaves out what a selection of the log cannot. */
  isMeant?: (event: News['event']) => boolean;
}

export type Prepare = (loaders: Loaders, news: News) => void;

/**
 * Messages, each looked up no earlier than it was read from the log. Not an async generator: one of those cannot be
 * ended while it waits.
 */
function tell(
  context: Context,
  news: AsyncIterableIterator<News>,
  prepare: Prepare,
  isMeant: (event: News['event']) => boolean,
): AsyncIterableIterator<Told> {
  let together: News['together'] | undefined;
  return {
    async next() {
      let heard = await news.next().catch(explainSlowness);
      while (!heard.done && !isMeant(heard.value.event)) heard = await news.next().catch(explainSlowness);
      const { done, value } = heard;
      if (done) return { done, value: undefined };
      if (value.together !== together) {
        together = value.together;
        context.loaders = sharedLoaders(context, value.reading);
        prepare(context.loaders, value);
      }
      const { organizationId, sequence } = value.event;
      return {
        done: false,
        value: { ...value, cursor: cursors.issue({ organizationId, sequence, now: context.clock() }) },
      };
    },
    async return() {
      await news.return?.();
      return { done: true, value: undefined };
    },
    async throw(error) {
      await news.return?.();
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function explainSlowness(error: unknown): never {
  throw error instanceof SlowConsumerError ? requestError('SLOW_CONSUMER', error.message) : error;
}

const shared = new WeakMap<object, Map<string, Loaders>>();

/** Whoever may see the same and hears the same reading of the log looks things up once for all of them. */
function sharedLoaders(context: Context, reading: object): Loaders {
  const { viewer } = context;
  const sight = viewer.is === 'customer' ? viewer.customerId : viewer.is;
  const known = shared.get(reading) ?? new Map<string, Loaders>();
  const loaders = known.get(sight) ?? openLoaders(context, viewer);
  shared.set(reading, known.set(sight, loaders));
  return loaders;
}
