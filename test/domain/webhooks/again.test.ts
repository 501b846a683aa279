import { describe, expect, test } from 'vitest';
import * as again from '../../../src/domain/webhooks/again.ts';
import * as endpoints from '../../../src/domain/webhooks/endpoints.ts';
import { sweep } from '../../../src/domain/webhooks/fan-out.ts';
import { DAY_MS, MINUTE_MS } from '../../../src/lib/time.ts';
import { openWebhookBench } from '../../support/webhooks.ts';

const bench = openWebhookBench();

describe('sending again', () => {
  const redeliver = (wish: Omit<again.Wish, 'organizationId'>) =>
    bench.house.transaction((tx) => again.redeliver(tx, { organizationId: bench.house.organizationId, ...wish }));

  test('one: with the id and the bytes it had', async () => {
    const there = await bench.receiver();
    const { endpoint } = await bench.webhooks.endpoint(there.url);
    await bench.webhooks.say('thing.one', 'thing.two');
    await bench.webhooks.read();
    await bench.webhooks.deliver();
    const [first] = await bench.webhooks.deliveries(endpoint.id);
    expect(await redeliver({ deliveryId: first?.id })).toEqual({ endpointId: endpoint.id, count: 1 });
    await bench.webhooks.deliver();
    expect(bench.typesOf(there)).toEqual(['thing.one', 'thing.two', 'thing.one']);
    expect(there.received[2]?.body.equals(there.received[0]?.body ?? Buffer.of())).toBe(true);
    expect(there.received[2]?.headers['webhook-id']).toBe(there.received[0]?.headers['webhook-id']);
  });

  test('a time range, in order, before what is newer', async () => {
    const there = await bench.receiver();
    const { endpoint } = await bench.webhooks.endpoint(there.url);
    const times: Date[] = [];
    for (const type of ['thing.one', 'thing.two', 'thing.three']) {
      times.push(bench.house.time.now);
      await bench.webhooks.say(type);
      await bench.webhooks.read();
      await bench.webhooks.deliver();
      bench.house.passTime(MINUTE_MS);
    }
    await bench.webhooks.say('thing.four');
    await bench.webhooks.read();
    expect(await redeliver({ endpointId: endpoint.id, from: times[1], to: times[2] })).toMatchObject({ count: 1 });
    expect(await redeliver({ endpointId: endpoint.id, from: times[1] })).toMatchObject({ count: 1 });
    await bench.webhooks.deliver();
    expect(bench.typesOf(there).slice(3)).toEqual(['thing.two', 'thing.three', 'thing.four']);
  });

  test('all that failed', async () => {
    let status = 410;
    const there = await bench.receiver((response) => void response.writeHead(status).end());
    const { endpoint } = await bench.webhooks.endpoint(there.url);
    await bench.webhooks.say('thing.one', 'thing.two');
    await bench.webhooks.read();
    await bench.webhooks.deliver();
    await expect(redeliver({ endpointId: endpoint.id, failed: true })).rejects.toMatchObject({ code: 'CONFLICT' });
    status = 200;
    await bench.house.transaction((tx) => endpoints.enable(tx, endpoint));
    await bench.webhooks.say('thing.three');
    await bench.webhooks.read();
    await bench.webhooks.deliver();
    expect(await redeliver({ endpointId: endpoint.id, failed: true })).toMatchObject({ count: 2 });
    await bench.webhooks.deliver();
    expect(bench.typesOf(there).slice(1)).toEqual(['thing.three', 'thing.one', 'thing.two']);
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
    const { endpoint } = await bench.webhooks.endpoint('http://127.0.0.1:1/');
    const named = JSON.parse(JSON.stringify(wish).replace('OWN', endpoint.id), (key, value) =>
      ['from', 'to'].includes(key) ? new Date(value) : value,
    );
    await expect(redeliver(named)).rejects.toMatchObject({ path: [path] });
  });
});

test('what is old is swept, what is pending stays', async () => {
  const there = await bench.receiver();
  const { endpoint } = await bench.webhooks.endpoint(there.url);
  const { endpoint: failing } = await bench.webhooks.endpoint('http://127.0.0.1:1/', ['thing.two']);
  await bench.webhooks.say('thing.one', 'thing.two');
  await bench.webhooks.read();
  await bench.webhooks.deliver();
  bench.house.passTime(31 * DAY_MS);
  await bench.house.transaction(sweep);
  expect((await bench.webhooks.deliveries(endpoint.id)).map(({ message }) => message.type)).toEqual(['thing.two']);
  expect(await bench.states(failing.id)).toEqual(['PENDING']);
});
