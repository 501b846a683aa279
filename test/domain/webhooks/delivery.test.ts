import * as standard from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import * as endpoints from '../../../src/domain/webhooks/endpoints.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../src/lib/time.ts';
import { answer, type Receiver } from '../../support/receiver.ts';
import { openWebhookBench, openWebhooks } from '../../support/webhooks.ts';

const bench = openWebhookBench();

describe('an endpoint', () => {
  test('hears what happens after it was made, in order, and only what it wants to hear', async () => {
    const there = await bench.receiver();
    await bench.webhooks.say('thing.before');
    await bench.webhooks.endpoint(there.url, ['thing.made', 'other.*']);
    await bench.webhooks.say('thing.made', 'thing.broken', 'other.made', 'thing.made', 'other.broken');
    await bench.webhooks.read();
    await bench.webhooks.deliver();
    expect(bench.typesOf(there)).toEqual(['thing.made', 'other.made', 'thing.made', 'other.broken']);
  });

  test('hears nothing of what is done to itself', async () => {
    const there = await bench.receiver();
    const { endpoint } = await bench.webhooks.endpoint(there.url);
    const other = await bench.webhooks.endpoint('http://127.0.0.1:1/');
    await bench.house.transaction((tx) => endpoints.update(tx, { ...endpoint, description: 'Mine' }));
    await bench.webhooks.read();
    await bench.webhooks.deliver(endpoint.id);
    expect(bench.typesOf(there)).toEqual(['webhook_endpoint.created']);
    expect(JSON.parse(there.received[0]?.body.toString() ?? '').data).toMatchObject({
      id: other.endpoint.id,
      enabled: true,
    });
    expect(there.received[0]?.body.toString()).not.toContain('whsec_');
  });

  test('is told by somebody it can know', async () => {
    bench.house.time.now = new Date();
    const there = await bench.receiver();
    const { secret } = await bench.webhooks.endpoint(there.url);
    await bench.webhooks.say('thing.made');
    await bench.webhooks.read();
    await bench.webhooks.deliver();
    const [{ body, headers }] = there.received as [Receiver['received'][number]];
    expect(new standard.Webhook(secret).verify(body, headers)).toMatchObject({ type: 'thing.made' });
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'webhook-id': expect.stringMatching(/^evt_/) });
  });
});

describe('an endpoint that fails', () => {
  test('is tried again after growing delays, with the same bytes, the same id and a fresh timestamp', async () => {
    const statuses = [500, 302, 503, 200];
    const there = await bench.receiver((response) => void response.writeHead(statuses.shift() ?? 200).end('so it is'));
    const { endpoint } = await bench.webhooks.endpoint(there.url);
    await bench.webhooks.say('thing.made');
    await bench.webhooks.read();
    await bench.webhooks.deliver();
    for (const delay of [6 * SECOND_MS, 36 * SECOND_MS, 3 * MINUTE_MS]) {
      await bench.webhooks.deliver();
      await bench.pass(delay);
    }
    expect(there.received).toHaveLength(4);
    const [first] = there.received;
    for (const one of there.received) {
      expect(one.body.equals(first?.body ?? Buffer.of())).toBe(true);
      expect(one.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    }
    expect(new Set(there.received.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(4);
    const [delivery] = await bench.webhooks.deliveries(endpoint.id);
    expect(delivery).toMatchObject({ state: 'DELIVERED', deliveredAt: bench.house.time.now });
    expect(
      delivery?.attempts.map(({ status, response, error }) => ({ status, response, error: error !== null })),
    ).toEqual([
      { status: 500, response: 'so it is', error: false },
      { status: 302, response: 'so it is', error: true },
      { status: 503, response: 'so it is', error: false },
      { status: 200, response: 'so it is', error: false },
    ]);
    expect(await bench.webhooks.find(endpoint.id)).toMatchObject({
      failures: 0,
      failingSince: null,
      retryAt: null,
      dueAt: null,
      deliveringUntil: null,
    });
  });

  test('by answering 200 when its time is up hears the same bytes again', async () => {
    const there = await bench.receiver((response, _, request) => {
      if (there.received.length > 1) response.end();
      else request.socket.once('close', () => response.end('ok'));
    });
    const { http } = bench.house;
    const calls = [{ timeoutMs: 1_500 }];
    await using hasty = openWebhooks(bench.house, {
      http: { ...http, post: (request) => http.post({ ...request, ...calls.shift() }) },
    });
    const { endpoint } = await hasty.endpoint(there.url);
    await hasty.say('thing.one', 'thing.two');
    await hasty.read();
    await hasty.deliver();
    const [late] = await hasty.deliveries(endpoint.id);
    expect(late).toMatchObject({ state: 'PENDING', attempts: [{ status: null, response: null }] });
    bench.house.passTime(6 * SECOND_MS);
    await hasty.deliver();
    expect(bench.typesOf(there)).toEqual(['thing.one', 'thing.one', 'thing.two']);
    expect(there.received[1]?.body.equals(there.received[0]?.body ?? Buffer.of())).toBe(true);
  });

  test('has ten seconds for each call', async () => {
    const { http } = bench.house;
    const asked: number[] = [];
    await using timed = openWebhooks(bench.house, {
      http: { ...http, post: (request) => http.post(request).finally(() => asked.push(request.timeoutMs)) },
    });
    const there = await bench.receiver();
    await timed.endpoint(there.url);
    await timed.say('thing.one', 'thing.two');
    await timed.read();
    await timed.deliver();
    expect(asked).toEqual([10_000, 10_000]);
  });

  test('hears what happened meanwhile in order, once it answers again', async () => {
    let status = 500;
    const there = await bench.receiver((response) => void response.writeHead(status).end());
    await bench.webhooks.endpoint(there.url);
    for (const type of ['thing.one', 'thing.two', 'thing.three']) {
      await bench.webhooks.say(type);
      await bench.webhooks.read();
      await bench.webhooks.deliver();
    }
    expect(bench.typesOf(there)).toEqual(['thing.one']);
    status = 200;
    await bench.pass(6 * SECOND_MS);
    expect(bench.typesOf(there)).toEqual(['thing.one', 'thing.one', 'thing.two', 'thing.three']);
  });

  test('is disabled after three days, which is told; what waited has failed', async () => {
    const there = await bench.receiver(answer(500));
    const { endpoint } = await bench.webhooks.endpoint(there.url, ['thing.*']);
    const other = await bench.receiver();
    await bench.webhooks.endpoint(other.url, ['webhook_endpoint.disabled']);
    await bench.webhooks.say('thing.one', 'thing.two');
    await bench.webhooks.read();
    const begun = bench.house.time.now.getTime();
    while ((await bench.webhooks.find(endpoint.id)).enabled) await bench.pass(HOUR_MS / 2);
    expect(bench.house.time.now.getTime() - begun).toBeGreaterThanOrEqual(3 * DAY_MS);
    expect(bench.house.time.now.getTime() - begun).toBeLessThan(3 * DAY_MS + 2 * HOUR_MS);
    expect(await bench.webhooks.find(endpoint.id)).toMatchObject({
      disabledBecause: 'FAILING',
      dueAt: null,
      retryAt: null,
    });
    expect(await bench.states(endpoint.id)).toEqual(['FAILED', 'FAILED']);
    await bench.webhooks.read();
    await bench.webhooks.deliver();
    expect(other.received.map(({ body }) => JSON.parse(body.toString()).data)).toMatchObject([
      { id: endpoint.id, enabled: false, disabled_because: 'failing', failing_since: expect.any(String) },
    ]);
    expect(new Set(bench.typesOf(there))).toEqual(new Set(['thing.one']));
  });

  test('that says it is gone is disabled at once', async () => {
    const there = await bench.receiver(answer(410));
    const { endpoint } = await bench.webhooks.endpoint(there.url);
    await bench.webhooks.say('thing.one', 'thing.two');
    await bench.webhooks.read();
    await bench.webhooks.deliver();
    expect(await bench.webhooks.find(endpoint.id)).toMatchObject({ enabled: false, disabledBecause: 'GONE' });
    expect(there.received).toHaveLength(1);
    await bench.webhooks.say('thing.three');
    await bench.webhooks.read();
    expect(await bench.states(endpoint.id)).toEqual(['FAILED', 'FAILED']);
  });

  test('is tried again at once when it is enabled, or has moved', async () => {
    const there = await bench.receiver();
    const { endpoint } = await bench.webhooks.endpoint('http://127.0.0.1:1/');
    await bench.webhooks.say('thing.one');
    await bench.webhooks.read();
    await bench.webhooks.deliver();
    expect(await bench.webhooks.find(endpoint.id)).toMatchObject({ failures: 1 });
    await bench.house.transaction((tx) => endpoints.enable(tx, endpoint));
    await bench.webhooks.deliver();
    expect((await bench.webhooks.deliveries(endpoint.id))[0]?.attempts).toHaveLength(2);
    await bench.house.transaction((tx) => endpoints.update(tx, { ...endpoint, url: there.url }));
    await bench.webhooks.deliver();
    expect(bench.typesOf(there)).toEqual(['thing.one']);
    expect(await bench.states(endpoint.id)).toEqual(['DELIVERED']);
  });

  test('keeps nobody else waiting, however long it takes', async () => {
    const release = Promise.withResolvers<void>();
    const slow = await bench.receiver((response) => void release.promise.then(() => response.end()));
    const quick = await bench.receiver();
    await bench.webhooks.endpoint(slow.url, ['thing.*']);
    await bench.webhooks.endpoint(quick.url, ['thing.*']);
    await bench.webhooks.say('thing.one', 'thing.two');
    await bench.webhooks.read();
    const all = bench.webhooks.deliver();
    await slow.hears(1);
    await quick.hears(2);
    expect(bench.typesOf(slow)).toEqual(['thing.one']);
    release.resolve();
    await all;
    expect(bench.typesOf(slow)).toEqual(['thing.one', 'thing.two']);
  });
});

describe('a rotated secret', () => {
  test('signs beside the old one for a day, then alone', async () => {
    bench.house.time.now = new Date();
    const there = await bench.receiver();
    const { endpoint, secret: old } = await bench.webhooks.endpoint(there.url, ['thing.*']);
    const { secret: fresh } = await bench.house.transaction((tx) => endpoints.rotateSecret(tx, endpoint));
    const told = async () => {
      await bench.webhooks.say('thing.made');
      await bench.webhooks.read();
      await bench.webhooks.deliver();
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
    bench.house.passTime(DAY_MS);
    const second = await told();
    expect([verifies(fresh, second), verifies(old, second)]).toEqual([true, false]);
  });

  test('is kept encrypted', async () => {
    const { endpoint, secret } = await bench.webhooks.endpoint('http://127.0.0.1:1/');
    const row = await bench.house.prisma.webhookEndpoint.findUniqueOrThrow({
      where: { id: endpoint.id },
      select: { secret: true },
    });
    expect(Buffer.from(row.secret).toString('latin1')).not.toContain(secret.slice(6, 20));
    expect(bench.house.keyring.open(row.secret)).toBe(secret);
    expect(await bench.webhooks.find(endpoint.id)).not.toHaveProperty('secret');
  });
});
