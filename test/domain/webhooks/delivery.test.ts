import * as standard from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as again from '../../../src/domain/webhooks/again.ts';
import * as due from '../../../src/domain/webhooks/due.ts';
import * as endpoints from '../../../src/domain/webhooks/endpoints.ts';
import { sweep } from '../../../src/domain/webhooks/fan-out.ts';
import * as rounds from '../../../src/domain/webhooks/rounds.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../src/lib/time.ts';
import type { Http } from '../../../src/providers/http.ts';
import { type House, openHouse } from '../../support/house.ts';
import { type Answering, answer, openReceiver, type Receiver } from '../../support/receiver.ts';
import { openWebhooks, type Webhooks } from '../../support/webhooks.ts';

let house: House;
let webhooks: Webhooks;
let cleanUp: AsyncDisposableStack;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(() => {
  cleanUp = new AsyncDisposableStack();
  webhooks = cleanUp.use(openWebhooks(house));
});
afterEach(async () => {
  await house.prisma.webhookEndpoint.deleteMany();
  await cleanUp.disposeAsync();
});

const receiver = async (answering?: Answering) => cleanUp.use(await openReceiver(answering));
const typesOf = ({ received }: Receiver) => received.map(({ body }) => JSON.parse(body.toString()).type);
const pass = async (milliseconds: number) => {
  house.passTime(milliseconds);
  await webhooks.deliver();
};
const states = async (id: string) => (await webhooks.deliveries(id)).map(({ state }) => state);

describe('an endpoint', () => {
  test('hears what happens after it was made, in order, and only what it wants to hear', async () => {
    const there = await receiver();
    await webhooks.say('thing.before');
    await webhooks.endpoint(there.url, ['thing.made', 'other.*']);
    await webhooks.say('thing.made', 'thing.broken', 'other.made', 'thing.made', 'other.broken');
    await webhooks.read();
    await webhooks.deliver();
    expect(typesOf(there)).toEqual(['thing.made', 'other.made', 'thing.made', 'other.broken']);
  });

  test('hears nothing of what is done to itself', async () => {
    const there = await receiver();
    const { endpoint } = await webhooks.endpoint(there.url);
    const other = await webhooks.endpoint('http://127.0.0.1:1/');
    await house.transaction((tx) => endpoints.update(tx, { ...endpoint, description: 'Mine' }));
    await webhooks.read();
    await webhooks.deliver(endpoint.id);
    expect(typesOf(there)).toEqual(['webhook_endpoint.created']);
    expect(JSON.parse(there.received[0]?.body.toString() ?? '').data).toMatchObject({
      id: other.endpoint.id,
      enabled: true,
    });
    expect(there.received[0]?.body.toString()).not.toContain('whsec_');
  });

  test('is told by somebody it can know', async () => {
    house.time.now = new Date();
    const there = await receiver();
    const { secret } = await webhooks.endpoint(there.url);
    await webhooks.say('thing.made');
    await webhooks.read();
    await webhooks.deliver();
    const [{ body, headers }] = there.received as [Receiver['received'][number]];
    expect(new standard.Webhook(secret).verify(body, headers)).toMatchObject({ type: 'thing.made' });
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'webhook-id': expect.stringMatching(/^evt_/) });
  });
});

describe('an endpoint that fails', () => {
  test('is tried again after growing delays, with the same bytes, the same id and a fresh timestamp', async () => {
    const statuses = [500, 302, 503, 200];
    const there = await receiver((response) => void response.writeHead(statuses.shift() ?? 200).end('so it is'));
    const { endpoint } = await webhooks.endpoint(there.url);
    await webhooks.say('thing.made');
    await webhooks.read();
    await webhooks.deliver();
    for (const delay of [6 * SECOND_MS, 36 * SECOND_MS, 3 * MINUTE_MS]) {
      await webhooks.deliver();
      await pass(delay);
    }
    expect(there.received).toHaveLength(4);
    const [first] = there.received;
    for (const one of there.received) {
      expect(one.body.equals(first?.body ?? Buffer.of())).toBe(true);
      expect(one.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    }
    expect(new Set(there.received.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(4);
    const [delivery] = await webhooks.deliveries(endpoint.id);
    expect(delivery).toMatchObject({ state: 'DELIVERED', deliveredAt: house.time.now });
    expect(
      delivery?.attempts.map(({ status, response, error }) => ({ status, response, error: error !== null })),
    ).toEqual([
      { status: 500, response: 'so it is', error: false },
      { status: 302, response: 'so it is', error: true },
      { status: 503, response: 'so it is', error: false },
      { status: 200, response: 'so it is', error: false },
    ]);
    expect(await webhooks.find(endpoint.id)).toMatchObject({
      failures: 0,
      failingSince: null,
      retryAt: null,
      dueAt: null,
      deliveringUntil: null,
    });
  });

  test('hears what happened meanwhile in order, once it answers again', async () => {
    let status = 500;
    const there = await receiver((response) => void response.writeHead(status).end());
    await webhooks.endpoint(there.url);
    for (const type of ['thing.one', 'thing.two', 'thing.three']) {
      await webhooks.say(type);
      await webhooks.read();
      await webhooks.deliver();
    }
    expect(typesOf(there)).toEqual(['thing.one']);
    status = 200;
    await pass(6 * SECOND_MS);
    expect(typesOf(there)).toEqual(['thing.one', 'thing.one', 'thing.two', 'thing.three']);
  });

  test('is disabled after three days, which is told; what waited has failed', async () => {
    const there = await receiver(answer(500));
    const { endpoint } = await webhooks.endpoint(there.url, ['thing.*']);
    const other = await receiver();
    await webhooks.endpoint(other.url, ['webhook_endpoint.disabled']);
    await webhooks.say('thing.one', 'thing.two');
    await webhooks.read();
    const begun = house.time.now.getTime();
    while ((await webhooks.find(endpoint.id)).enabled) await pass(HOUR_MS / 2);
    expect(house.time.now.getTime() - begun).toBeGreaterThanOrEqual(3 * DAY_MS);
    expect(house.time.now.getTime() - begun).toBeLessThan(3 * DAY_MS + 2 * HOUR_MS);
    expect(await webhooks.find(endpoint.id)).toMatchObject({ disabledBecause: 'FAILING', dueAt: null, retryAt: null });
    expect(await states(endpoint.id)).toEqual(['FAILED', 'FAILED']);
    await webhooks.read();
    await webhooks.deliver();
    expect(other.received.map(({ body }) => JSON.parse(body.toString()).data)).toMatchObject([
      { id: endpoint.id, enabled: false, disabled_because: 'failing', failing_since: expect.any(String) },
    ]);
    expect(new Set(typesOf(there))).toEqual(new Set(['thing.one']));
  });

  test('that says it is gone is disabled at once', async () => {
    const there = await receiver(answer(410));
    const { endpoint } = await webhooks.endpoint(there.url);
    await webhooks.say('thing.one', 'thing.two');
    await webhooks.read();
    await webhooks.deliver();
    expect(await webhooks.find(endpoint.id)).toMatchObject({ enabled: false, disabledBecause: 'GONE' });
    expect(there.received).toHaveLength(1);
    await webhooks.say('thing.three');
    await webhooks.read();
    expect(await states(endpoint.id)).toEqual(['FAILED', 'FAILED']);
  });

  test('is tried again at once when it is enabled, or has moved', async () => {
    const there = await receiver();
    const { endpoint } = await webhooks.endpoint('http://127.0.0.1:1/');
    await webhooks.say('thing.one');
    await webhooks.read();
    await webhooks.deliver();
    expect(await webhooks.find(endpoint.id)).toMatchObject({ failures: 1 });
    await house.transaction((tx) => endpoints.enable(tx, endpoint));
    await webhooks.deliver();
    expect((await webhooks.deliveries(endpoint.id))[0]?.attempts).toHaveLength(2);
    await house.transaction((tx) => endpoints.update(tx, { ...endpoint, url: there.url }));
    await webhooks.deliver();
    expect(typesOf(there)).toEqual(['thing.one']);
    expect(await states(endpoint.id)).toEqual(['DELIVERED']);
  });

  test('keeps nobody else waiting, however long it takes', async () => {
    const release = Promise.withResolvers<void>();
    const slow = await receiver((response) => void release.promise.then(() => response.end()));
    const quick = await receiver();
    await webhooks.endpoint(slow.url, ['thing.*']);
    await webhooks.endpoint(quick.url, ['thing.*']);
    await webhooks.say('thing.one', 'thing.two');
    await webhooks.read();
    const all = webhooks.deliver();
    await slow.hears(1);
    await quick.hears(2);
    expect(typesOf(slow)).toEqual(['thing.one']);
    release.resolve();
    await all;
    expect(typesOf(slow)).toEqual(['thing.one', 'thing.two']);
  });
});

describe('a round', () => {
  const held = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const answering: Answering = (response) => void promise.then(() => response.end());
    return { answering, release: () => resolve() };
  };

  test('is held by one worker at a time, and hears what comes meanwhile', async () => {
    const { answering, release } = held();
    const there = await receiver(answering);
    const { endpoint } = await webhooks.endpoint(there.url);
    await webhooks.say('thing.one');
    await webhooks.read();
    const first = webhooks.deliver();
    await there.hears(1);
    await using other = openWebhooks(house);
    await webhooks.say('thing.two');
    await other.read();
    await other.deliver(endpoint.id);
    expect(there.received).toHaveLength(1);
    release();
    await first;
    expect(typesOf(there)).toEqual(['thing.one', 'thing.two']);
  });

  test('that a dead worker left is gone on with: what it was telling is told again', async () => {
    const there = await receiver();
    const { endpoint } = await webhooks.endpoint(there.url);
    await webhooks.say('thing.one', 'thing.two');
    await webhooks.read();
    // It took the first message, and was never heard of again.
    await house.transaction((tx) => rounds.take(tx, endpoint.id));
    await pass(29 * SECOND_MS);
    expect(there.received).toEqual([]);
    await pass(2 * SECOND_MS);
    expect(typesOf(there)).toEqual(['thing.one', 'thing.two']);
  });

  test('whose worker was taken for dead wrongly is left to the one who came after', async () => {
    const { answering, release } = held();
    let calls = 0;
    const there = await receiver((response, one, request) =>
      calls++ === 0 ? answering(response, one, request) : void response.end(),
    );
    const { endpoint } = await webhooks.endpoint(there.url);
    await webhooks.say('thing.one', 'thing.two');
    await webhooks.read();
    const late = webhooks.deliver();
    await there.hears(1);
    house.passTime(31 * SECOND_MS);
    await using other = openWebhooks(house);
    await other.deliver(endpoint.id);
    expect(typesOf(there)).toEqual(['thing.one', 'thing.one', 'thing.two']);
    release();
    await late;
    expect(typesOf(there)).toHaveLength(3);
    const [first] = await webhooks.deliveries(endpoint.id);
    expect(first).toMatchObject({ state: 'DELIVERED', attempts: [{}, {}] });
  });

  test('ends with its process, and another worker goes on at once', async () => {
    const { answering } = held();
    let calls = 0;
    const there = await receiver((response, one, request) =>
      calls++ === 0 ? answering(response, one, request) : void response.end(),
    );
    const { endpoint } = await webhooks.endpoint(there.url);
    await webhooks.say('thing.one');
    await webhooks.read();
    const stopped = openWebhooks(house);
    const round = stopped.deliver(endpoint.id);
    await there.hears(1);
    await stopped[Symbol.asyncDispose]();
    await round;
    await webhooks.deliver();
    expect(typesOf(there)).toEqual(['thing.one', 'thing.one']);
    expect(await states(endpoint.id)).toEqual(['DELIVERED']);
  });

  test('whose jobs were lost is begun when the clock looks', async () => {
    const there = await receiver();
    await webhooks.endpoint(there.url);
    await webhooks.say('thing.one');
    await webhooks.read();
    await house.prisma.$executeRaw`DELETE FROM pgboss.job WHERE name = ${due.DELIVER_WEBHOOKS}`;
    expect(await house.transaction((tx) => due.requestDue(tx))).toBe(0);
    house.passTime(6 * SECOND_MS);
    expect(await house.transaction((tx) => due.requestDue(tx))).toBe(1);
    await webhooks.deliver();
    expect(typesOf(there)).toEqual(['thing.one']);
  });

  test('holds no transaction open while it calls', async () => {
    let open = -1;
    const http: Http = {
      ...house.http,
      async post() {
        const [row] = await house.prisma.$queryRaw<{ count: bigint }[]>`
          SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'`;
        open = Number(row?.count);
        return { status: 200, response: '', error: null, latencyMs: 1 };
      },
    };
    await using watched = openWebhooks(house, { http });
    await watched.endpoint('http://127.0.0.1:1/');
    await watched.say('thing.one');
    await watched.read();
    await watched.deliver();
    expect(open).toBe(0);
  });

  test('goes on when an endpoint is deleted or disabled in the middle of a call', async () => {
    const { answering, release } = held();
    const there = await receiver(answering);
    const { endpoint } = await webhooks.endpoint(there.url);
    const { endpoint: other } = await webhooks.endpoint(there.url);
    await webhooks.say('thing.one', 'thing.two');
    await webhooks.read();
    const going = webhooks.deliver();
    await there.hears(2);
    await house.transaction((tx) => endpoints.remove(tx, endpoint));
    await house.transaction((tx) => endpoints.disable(tx, other));
    release();
    await going;
    expect(there.received).toHaveLength(2);
    expect(await states(other.id)).toEqual(['DELIVERED', 'FAILED']);
  });
});

describe('a rotated secret', () => {
  test('signs beside the old one for a day, then alone', async () => {
    house.time.now = new Date();
    const there = await receiver();
    const { endpoint, secret: old } = await webhooks.endpoint(there.url, ['thing.*']);
    const { secret: fresh } = await house.transaction((tx) => endpoints.rotateSecret(tx, endpoint));
    const told = async () => {
      await webhooks.say('thing.made');
      await webhooks.read();
      await webhooks.deliver();
      return there.received.at(-1) as Receiver['received'][number];
    };
    const verifies = (secret: string, { body, headers }: Receiver['received'][number]) => {
      try {
        // A library of our own time would find a moved clock strange.
        const signature = new standard.Webhook(secret).sign(
          headers['webhook-id'] ?? '',
          new Date(Number(headers['webhook-timestamp']) * 1_000),
          body.toString(),
        );
        return headers['webhook-signature']?.split(' ').includes(signature) ?? false;
      } catch {
        return false;
      }
    };
    const first = await told();
    expect([verifies(fresh, first), verifies(old, first)]).toEqual([true, true]);
    house.passTime(DAY_MS);
    const second = await told();
    expect([verifies(fresh, second), verifies(old, second)]).toEqual([true, false]);
  });

  test('is kept encrypted', async () => {
    const { endpoint, secret } = await webhooks.endpoint('http://127.0.0.1:1/');
    const row = await house.prisma.webhookEndpoint.findUniqueOrThrow({
      where: { id: endpoint.id },
      select: { secret: true },
    });
    expect(Buffer.from(row.secret).toString('latin1')).not.toContain(secret.slice(6, 20));
    expect(house.keyring.open(row.secret)).toBe(secret);
    expect(await webhooks.find(endpoint.id)).not.toHaveProperty('secret');
  });
});

describe('sending again', () => {
  const redeliver = (wish: Omit<again.Wish, 'organizationId'>) =>
    house.transaction((tx) => again.redeliver(tx, { organizationId: house.organizationId, ...wish }));

  test('one: with the id and the bytes it had', async () => {
    const there = await receiver();
    const { endpoint } = await webhooks.endpoint(there.url);
    await webhooks.say('thing.one', 'thing.two');
    await webhooks.read();
    await webhooks.deliver();
    const [first] = await webhooks.deliveries(endpoint.id);
    expect(await redeliver({ deliveryId: first?.id })).toEqual({ endpointId: endpoint.id, count: 1 });
    await webhooks.deliver();
    expect(typesOf(there)).toEqual(['thing.one', 'thing.two', 'thing.one']);
    expect(there.received[2]?.body.equals(there.received[0]?.body ?? Buffer.of())).toBe(true);
    expect(there.received[2]?.headers['webhook-id']).toBe(there.received[0]?.headers['webhook-id']);
  });

  test('a time range, in order, before what is newer', async () => {
    const there = await receiver();
    const { endpoint } = await webhooks.endpoint(there.url);
    const times: Date[] = [];
    for (const type of ['thing.one', 'thing.two', 'thing.three']) {
      times.push(house.time.now);
      await webhooks.say(type);
      await webhooks.read();
      await webhooks.deliver();
      house.passTime(MINUTE_MS);
    }
    await webhooks.say('thing.four');
    await webhooks.read();
    expect(await redeliver({ endpointId: endpoint.id, from: times[1], to: times[2] })).toMatchObject({ count: 1 });
    expect(await redeliver({ endpointId: endpoint.id, from: times[1] })).toMatchObject({ count: 1 });
    await webhooks.deliver();
    expect(typesOf(there).slice(3)).toEqual(['thing.two', 'thing.three', 'thing.four']);
  });

  test('all that failed', async () => {
    let status = 410;
    const there = await receiver((response) => void response.writeHead(status).end());
    const { endpoint } = await webhooks.endpoint(there.url);
    await webhooks.say('thing.one', 'thing.two');
    await webhooks.read();
    await webhooks.deliver();
    await expect(redeliver({ endpointId: endpoint.id, failed: true })).rejects.toMatchObject({ code: 'CONFLICT' });
    status = 200;
    await house.transaction((tx) => endpoints.enable(tx, endpoint));
    await webhooks.say('thing.three');
    await webhooks.read();
    await webhooks.deliver();
    expect(await redeliver({ endpointId: endpoint.id, failed: true })).toMatchObject({ count: 2 });
    await webhooks.deliver();
    expect(typesOf(there).slice(1)).toEqual(['thing.three', 'thing.one', 'thing.two']);
    expect(await redeliver({ endpointId: endpoint.id, failed: true })).toMatchObject({ count: 0 });
  });

  test.each<[string, object, string]>([
    ['neither', {}, 'endpointId'],
    ['both', { deliveryId: 'whd_1', endpointId: 'whe_1' }, 'deliveryId'],
    ['nothing of an endpoint', { endpointId: 'OWN' }, 'failed'],
    ['an empty range', { endpointId: 'OWN', from: new Date(2), to: new Date(1) }, 'to'],
    ['an unknown delivery', { deliveryId: 'whd_1' }, 'deliveryId'],
    ['an unknown endpoint', { endpointId: 'whe_1', failed: true }, 'endpointId'],
  ])('%s is a mistake that is named', async (_, wish, path) => {
    const { endpoint } = await webhooks.endpoint('http://127.0.0.1:1/');
    const named = JSON.parse(JSON.stringify(wish).replace('OWN', endpoint.id), (key, value) =>
      ['from', 'to'].includes(key) ? new Date(value) : value,
    );
    await expect(redeliver(named)).rejects.toMatchObject({ path: [path] });
  });
});

test('what is old is swept, what is pending stays', async () => {
  const there = await receiver();
  const { endpoint } = await webhooks.endpoint(there.url);
  const { endpoint: failing } = await webhooks.endpoint('http://127.0.0.1:1/', ['thing.two']);
  await webhooks.say('thing.one', 'thing.two');
  await webhooks.read();
  await webhooks.deliver();
  house.passTime(31 * DAY_MS);
  await house.transaction(sweep);
  expect((await webhooks.deliveries(endpoint.id)).map(({ message }) => message.type)).toEqual(['thing.two']);
  expect(await states(failing.id)).toEqual(['PENDING']);
});
