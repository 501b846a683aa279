import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { WebhookEndpoint } from '../../prisma/generated/client/client.ts';
import { webhookReader } from '../../src/benefits/webhook-reader.ts';
import * as readers from '../../src/domain/readers.ts';
import { type Lanes, openCourier } from '../../src/domain/webhooks/courier.ts';
import * as due from '../../src/domain/webhooks/due.ts';
import * as endpoints from '../../src/domain/webhooks/endpoints.ts';
import type { Http } from '../../src/providers/http.ts';
import { type House, openHouse } from './house.ts';
import { type Answering, openReceiver, type Receiver } from './receiver.ts';

export type Webhooks = ReturnType<typeof openWebhooks>;

/** What jobs and timers do about webhooks, done when the test says. */
export function openWebhooks(
  house: House,
  {
    http = house.http,
    organizationId = house.organizationId,
    lanes,
  }: { http?: Http; organizationId?: string; lanes?: Lanes } = {},
) {
  const { transaction, prisma } = house;
  const courier = openCourier({ ...house, http, lanes });
  const reader = webhookReader(house.kinds);

  return {
    courier,
    /** An endpoint that hears what happens from now on. */
    endpoint: (url: string, events: readonly string[] = ['*']) =>
      transaction((tx) => endpoints.create(tx, { organizationId, url, events })),
    /** Says something that endpoints hear of. */
    say: (...types: string[]) =>
      transaction(async (tx) => {
        for (const type of types) tx.append({ organizationId, type, subjectId: 'sub_1', data: { thing: { type } } });
      }),
    /** Puts in line what has happened since. */
    async read() {
      while (await transaction((tx) => readers.advance(tx, reader, organizationId)));
    },
    /** Goes to every endpoint whose instant has come, and comes back when each round is over. */
    async deliver(...endpointIds: string[]) {
      await transaction((tx) => due.requestDue(tx));
      const all = await prisma.webhookEndpoint.findMany({ where: { organizationId }, select: { id: true } });
      const ids = endpointIds.length > 0 ? endpointIds : all.map(({ id }) => id);
      await Promise.all(ids.map((id) => courier.visit(id)));
      await courier.idle();
    },
    find: (id: string): Promise<Omit<WebhookEndpoint, 'secret' | 'oldSecret'>> =>
      prisma.webhookEndpoint.findUniqueOrThrow({ where: { id } }),
    deliveries: (endpointId: string) =>
      prisma.webhookDelivery.findMany({
        where: { endpointId },
        orderBy: { position: 'asc' },
        include: { message: true, attempts: { orderBy: { startedAt: 'asc' } } },
      }),
    [Symbol.asyncDispose]: () => courier[Symbol.asyncDispose](),
  };
}

/** The same for a file of tests: a house for all of them, and for each one its own endpoints. */
export function openWebhookBench() {
  const bench = {
    house: undefined as unknown as House,
    webhooks: undefined as unknown as Webhooks,
    receiver: async (answering?: Answering) => cleanUp.use(await openReceiver(answering)),
    typesOf: ({ received }: Receiver): string[] => received.map(({ body }) => JSON.parse(body.toString()).type),
    states: async (endpointId: string) => (await bench.webhooks.deliveries(endpointId)).map(({ state }) => state),
    /** Moves the clock, and does what is due then. */
    async pass(milliseconds: number) {
      bench.house.passTime(milliseconds);
      await bench.webhooks.deliver();
    },
  };
  let cleanUp = new AsyncDisposableStack();
  beforeAll(async () => {
    bench.house = await openHouse();
  });
  afterAll(() => bench.house[Symbol.asyncDispose]());
  beforeEach(() => {
    cleanUp = new AsyncDisposableStack();
    bench.webhooks = cleanUp.use(openWebhooks(bench.house));
  });
  afterEach(async () => {
    await bench.house.prisma.webhookEndpoint.deleteMany();
    await cleanUp.disposeAsync();
  });
  return bench;
}
