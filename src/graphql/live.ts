import type { Kind } from '../benefits/kind.ts';
import { wire } from '../benefits/wire.ts';
import * as cursors from '../domain/cursors.ts';
import type { CustomerBy } from '../domain/customers.ts';
import * as events from '../domain/events.ts';
import { type News, SlowConsumerError } from '../domain/follower.ts';
import { InvalidInputError, NotFoundError } from '../lib/errors.ts';
import type { Builder } from './builder.ts';
import { type Context, organizationOf, requireMerchant } from './context.ts';
import { whereCustomer } from './customer/where.ts';
import { requestError } from './errors.ts';
import { type Loaders, openLoaders } from './reads/loaders.ts';

/** One message of a stream. */
interface Told extends News {
  cursor: string;
}

const GRANT_EVENTS = 'benefit_grant.*';
const MAX_TYPES = 50;
const AFTER =
  'The cursor of the last message one has, or a `liveCursor`: what came since is told first, then what comes, without gap or double. Without it the stream begins now.';
const CURSOR = 'Where to go on after this message: give it as `after`. Good for 30 days.';

/** What is told while it happens. Everything here is read from the log of events. */
export function defineLive(builder: Builder, kinds: readonly Kind[]): void {
  builder.subscriptionType({
    description: 'What is told while it happens, over a WebSocket (graphql-transport-ws) or as server-sent events.',
  });
  const change = builder.enumType('GrantChange', {
    description: 'What happened to a grant.',
    values: {
      CREATED: { description: 'It was promised, perhaps again.' },
      UPDATED: { description: 'It was delivered, changed, or needs attention.' },
      CYCLED: { description: 'A new period began and delivered something.' },
      REVOKED: { description: 'Its access is gone.' },
    } as const,
  });
  const grantChanged = builder.objectRef<Told>('BenefitGrantChanged').implement({
    description: 'Something happened to a grant.',
    fields: (t) => ({
      cursor: t.exposeString('cursor', { description: CURSOR }),
      change: t.field({
        type: change,
        description: 'What happened.',
        resolve: ({ event }) => event.type.replace(/^.*\./, '').toUpperCase() as 'CREATED',
      }),
      occurredAt: t.field({
        type: 'DateTime',
        description: 'When it happened.',
        resolve: ({ event }) => event.occurredAt,
      }),
      grant: t.field({
        type: 'BenefitGrant',
        description: 'The grant as it is now, never older than what happened.',
        resolve: ({ event }, _args, { loaders }) => loaders.existing('BenefitGrant', event.subjectId),
      }),
    }),
  });
  const eventAppended = builder.objectRef<Told>('EventAppended').implement({
    description: 'Something happened, told as webhooks tell it.',
    fields: (t) => ({
      cursor: t.exposeString('cursor', { description: CURSOR }),
      id: t.id({ description: 'The id of the event.', resolve: ({ event }) => event.id }),
      type: t.string({ description: 'What happened: `benefit_grant.revoked`.', resolve: ({ event }) => event.type }),
      occurredAt: t.field({
        type: 'DateTime',
        description: 'When it happened.',
        resolve: ({ event }) => event.occurredAt,
      }),
      data: t.field({
        type: 'JSON',
        description: 'What it was about, as it was then: the JSON that webhooks carry.',
        resolve: ({ event }) => wire(kinds, event),
      }),
    }),
  });

  builder.subscriptionField('benefitGrantChanged', (t) =>
    t.field({
      type: grantChanged,
      description:
        'What happens to the grants of one customer, or for a merchant who names none, of all. A customer hears only themselves.',
      args: {
        customer: t.arg({ type: 'CustomerBy', description: 'Whose grants; for merchants.' }),
        after: t.arg.string({ description: AFTER }),
      },
      subscribe: async (_root, { customer, after }, context) => {
        const customerId = await whoseGrants(context, customer);
        return listen(context, { customerId, types: [GRANT_EVENTS] }, after, prepareGrants);
      },
      resolve: (told) => told as Told,
    }),
  );
  builder.subscriptionField('eventAppended', (t) =>
    t.field({
      type: eventAppended,
      description: 'Everything that happens in the organization, the same events as webhooks carry. For merchants.',
      args: {
        types: t.arg.stringList({
          description: 'Only these: exact types, or families such as `benefit_grant.*`. Without it: all.',
        }),
        after: t.arg.string({ description: AFTER }),
      },
      subscribe: (_root, { types, after }, context) => {
        requireMerchant(context, 'events:read');
        return listen(context, { types: checkTypes(types) }, after);
      },
      resolve: (told) => told as Told,
    }),
  );
}

/** The customer whose grants the viewer may hear of; undefined: all of the organization's. */
async function whoseGrants(context: Context, by: CustomerBy | null | undefined): Promise<string | undefined> {
  const { viewer } = context;
  if (viewer.is !== 'customer') requireMerchant(context, 'grants:read');
  const own = viewer.is === 'customer' ? viewer.customerId : undefined;
  if (!by) return own;
  const where = { AND: [whereCustomer(by), { organizationId: organizationOf(context), ...(own && { id: own }) }] };
  const found = await context.database.prisma.customer.findFirst({ where, select: { id: true } });
  if (!found) throw new NotFoundError('customer', ['customer']);
  return found.id;
}

function checkTypes(types: readonly string[] | null | undefined): readonly string[] | undefined {
  if (!types) return undefined;
  if (types.length === 0 || types.length > MAX_TYPES)
    throw new InvalidInputError(`Name 1 to ${MAX_TYPES} types, or leave them out to hear all.`, ['types']);
  const wrong = types.findIndex((type) => !events.isTypeOrFamily(type));
  if (wrong >= 0)
    throw new InvalidInputError('It is no event type: benefit_grant.created, benefit_grant.*', [
      'types',
      String(wrong),
    ]);
  return types;
}

type Wish = Omit<events.Selection, 'organizationId'>;

async function listen(
  context: Context,
  wish: Wish,
  cursor: string | null | undefined,
  prepare: Prepare = () => {},
): Promise<AsyncIterableIterator<Told>> {
  const organizationId = organizationOf(context);
  const newest = await events.newest(context.database, organizationId);
  const after = cursor == null ? newest : readCursor(cursor, organizationId, context);
  if (after > newest) throw new InvalidInputError('This cursor lies beyond the end of the log.', ['after']);
  return tell(context, context.feed.follow({ organizationId, ...wish, after }), prepare);
}

function readCursor(cursor: string, organizationId: string, { clock }: Context): bigint {
  try {
    return cursors.read(cursor, { organizationId, now: clock() });
  } catch (error) {
    throw error instanceof cursors.CursorExpiredError ? requestError('CURSOR_EXPIRED', error.message) : error;
  }
}

type Prepare = (loaders: Loaders, news: News) => void;

/** Grants that changed together are read together. */
const prepareGrants: Prepare = (loaders, { together }) => {
  for (const { subjectId } of together) loaders.row('BenefitGrant', subjectId).catch(() => {});
};

/**
 * Messages, each looked up no earlier than it was read from the log. Not an async generator: one of those cannot be
 * ended while it waits.
 */
function tell(context: Context, news: AsyncIterableIterator<News>, prepare: Prepare): AsyncIterableIterator<Told> {
  let together: News['together'] | undefined;
  return {
    async next() {
      const { done, value } = await news.next().catch(explainSlowness);
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
