import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Lanes } from '../../../src/domain/webhooks/courier.ts';
import * as due from '../../../src/domain/webhooks/due.ts';
import { HOUR_MS, SECOND_MS } from '../../../src/lib/time.ts';
import type { Http } from '../../../src/providers/http.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import type { Receiver } from '../../support/receiver.ts';
import { openWebhookBench, openWebhooks, type Webhooks } from '../../support/webhooks.ts';

const bench = openWebhookBench();
const NARROW: Lanes = { quick: 2, slow: 4, failing: 2 };

describe('those who never answer', () => {
  let narrow: Webhooks;
  let silent: Receiver;
  let release: () => void;
  beforeEach(async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    release = resolve;
    const { http } = bench.house;
    const patient: Http = { ...http, post: (request) => http.post({ ...request, timeoutMs: HOUR_MS }) };
    narrow = openWebhooks(bench.house, { lanes: NARROW, http: patient });
    silent = await bench.receiver((response) => void promise.then(() => response.end()));
  });
  afterEach(async () => {
    release();
    await narrow[Symbol.asyncDispose]();
  });
  /** So many of them, each with something in line. */
  const many = async (count: number): Promise<string[]> => {
    const ids: string[] = [];
    for (let n = 0; n < count; n++) ids.push((await narrow.endpoint(silent.url, ['thing.*'])).endpoint.id);
    await narrow.say('thing.made');
    await narrow.read();
    return ids;
  };
  const fail = (ids: readonly string[]) =>
    bench.house.prisma.webhookEndpoint.updateMany({ where: { id: { in: [...ids] } }, data: { failures: 1 } });
  /** An endpoint that answers, and something for it. */
  const lively = async () => {
    const there = await bench.receiver();
    const { endpoint } = await narrow.endpoint(there.url, ['other.*']);
    await narrow.say('other.made');
    await narrow.read();
    return { there, id: endpoint.id };
  };

  test('keep nobody else waiting, though they are more than may begin at once', async () => {
    const ids = await many(4);
    const { there, id } = await lively();
    await Promise.all([...ids, id].map((one) => narrow.courier.visit(one)));
    await there.hears(1);
    await silent.hears(4);
  });

  test('and failed before have a lane of their own: those who find it full come later', async () => {
    const ids = await many(5);
    await fail(ids);
    const { there, id } = await lively();
    await Promise.all([...ids, id].map((one) => narrow.courier.visit(one)));
    await there.hears(1);
    await silent.hears(2);
    const later = { dueAt: new Date(bench.house.time.now.getTime() + 30 * SECOND_MS), deliveringUntil: null };
    await expect
      .poll(() => bench.house.prisma.webhookEndpoint.count({ where: later }), { timeout: PATIENCE_MS })
      .toBe(3);
    expect(silent.received).toHaveLength(2);
    release();
    await narrow.courier.idle();
    bench.house.passTime(30 * SECOND_MS);
    for (const one of ids) await narrow.deliver(one);
    expect(silent.received).toHaveLength(5);
    for (const one of ids) expect(await bench.states(one)).toEqual(['DELIVERED']);
  });

  test('come after those of whom nothing bad is known', async () => {
    const [bad = '', good = ''] = await many(2);
    await fail([bad]);
    await bench.house.prisma.$executeRaw`DELETE FROM pgboss.job WHERE name = ${due.DELIVER_WEBHOOKS}`;
    bench.house.passTime(6 * SECOND_MS);
    await bench.house.transaction((tx) => due.requestDue(tx));
    const jobs = await bench.house.prisma.$queryRaw<{ key: string; priority: number }[]>`
      SELECT singleton_key AS key, priority FROM pgboss.job WHERE name = ${due.DELIVER_WEBHOOKS} ORDER BY priority DESC`;
    expect(jobs).toEqual([
      { key: good, priority: 0 },
      { key: bad, priority: -1 },
    ]);
  });
});
