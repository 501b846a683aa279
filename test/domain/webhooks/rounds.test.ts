import { describe, expect, test } from 'vitest';
import * as due from '../../../src/domain/webhooks/due.ts';
import * as endpoints from '../../../src/domain/webhooks/endpoints.ts';
import { openRounds } from '../../../src/domain/webhooks/rounds.ts';
import { SECOND_MS } from '../../../src/lib/time.ts';
import type { Http } from '../../../src/providers/http.ts';
import { type Answering, answer } from '../../support/receiver.ts';
import { openWebhookBench, openWebhooks } from '../../support/webhooks.ts';

const bench = openWebhookBench();
const FAILED = { response: '', error: 'No.', latencyMs: 1 };

describe('a round', () => {
  const held = (status = 200) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const answering: Answering = (response) => void promise.then(() => response.writeHead(status).end());
    return { answering, release: () => resolve() };
  };

  /** An endpoint with these in line. */
  const waiting = async (answering: Answering | undefined, ...types: string[]) => {
    const there = await bench.receiver(answering);
    const { endpoint } = await bench.webhooks.endpoint(there.url);
    await bench.webhooks.say(...types);
    await bench.webhooks.read();
    return { there, endpoint };
  };
  /** Answers as they say, one call after the other, and then that all is well. */
  const inTurn = (...answers: Answering[]): Answering => {
    return (response, received, request) => {
      const next = answers.shift();
      next ? next(response, received, request) : response.end();
    };
  };

  test('is held by one worker at a time, and hears what comes meanwhile', async () => {
    const { answering, release } = held();
    const { there, endpoint } = await waiting(answering, 'thing.one');
    const first = bench.webhooks.deliver();
    await there.hears(1);
    await using other = openWebhooks(bench.house);
    await bench.webhooks.say('thing.two');
    await other.read();
    await other.deliver(endpoint.id);
    expect(there.received).toHaveLength(1);
    release();
    await first;
    expect(bench.typesOf(there)).toEqual(['thing.one', 'thing.two']);
  });

  test('is begun once, however many jobs come at the same moment', async () => {
    const all = [await bench.receiver(), await bench.receiver()];
    const ids: string[] = [];
    for (const { url } of all) ids.push((await bench.webhooks.endpoint(url, ['thing.*'])).endpoint.id);
    await bench.webhooks.say('thing.one', 'thing.two');
    await bench.webhooks.read();
    await Promise.all([...ids, ...ids, ...ids].map((id) => bench.webhooks.courier.visit(id)));
    await bench.webhooks.courier.idle();
    for (const there of all) expect(bench.typesOf(there)).toEqual(['thing.one', 'thing.two']);
    for (const id of ids) expect(await bench.webhooks.find(id)).toMatchObject({ deliveringUntil: null, dueAt: null });
  });

  test('that a dead worker left is gone on with: what it was telling is told again', async () => {
    const { there, endpoint } = await waiting(undefined, 'thing.one', 'thing.two');
    // It took the first message, and was never heard of again.
    await openRounds(bench.house).take(endpoint.id);
    await bench.pass(29 * SECOND_MS);
    expect(there.received).toEqual([]);
    await bench.pass(2 * SECOND_MS);
    expect(bench.typesOf(there)).toEqual(['thing.one', 'thing.two']);
  });

  test('whose worker was taken for dead wrongly is left to the one who came after', async () => {
    const { answering, release } = held();
    const { there, endpoint } = await waiting(inTurn(answering), 'thing.one', 'thing.two');
    const late = bench.webhooks.deliver();
    await there.hears(1);
    bench.house.passTime(31 * SECOND_MS);
    await using other = openWebhooks(bench.house);
    await other.deliver(endpoint.id);
    expect(bench.typesOf(there)).toEqual(['thing.one', 'thing.one', 'thing.two']);
    release();
    await late;
    expect(bench.typesOf(there)).toHaveLength(3);
    const [first] = await bench.webhooks.deliveries(endpoint.id);
    expect(first).toMatchObject({ state: 'DELIVERED', attempts: [{}, {}] });
  });

  test('whose worker was taken for dead wrongly may succeed after another one has failed: what is left is told', async () => {
    const { answering, release } = held();
    const { there, endpoint } = await waiting(inTurn(answering, answer(500)), 'thing.one', 'thing.two');
    const late = bench.webhooks.deliver();
    await there.hears(1);
    bench.house.passTime(31 * SECOND_MS);
    await using other = openWebhooks(bench.house);
    await other.deliver(endpoint.id);
    release();
    await late;
    expect(await bench.states(endpoint.id)).toEqual(['DELIVERED', 'PENDING']);
    expect(await bench.webhooks.find(endpoint.id)).toMatchObject({ failures: 0, dueAt: expect.any(Date) });
    bench.house.passTime(6 * SECOND_MS);
    expect(await bench.house.transaction((tx) => due.requestDue(tx))).toBe(1);
    await bench.webhooks.deliver();
    expect(bench.typesOf(there)).toEqual(['thing.one', 'thing.one', 'thing.two']);
  });

  test('whose worker was taken for dead wrongly and fails too late is no failure of the one who came after', async () => {
    const { answering, release } = held(500);
    const { there, endpoint } = await waiting(inTurn(answering), 'thing.one');
    const late = bench.webhooks.deliver();
    await there.hears(1);
    bench.house.passTime(31 * SECOND_MS);
    await using other = openWebhooks(bench.house);
    await other.deliver(endpoint.id);
    release();
    await late;
    const [delivery] = await bench.webhooks.deliveries(endpoint.id);
    expect(delivery?.attempts.map(({ status }) => status).sort()).toEqual([200, 500]);
    expect(await bench.webhooks.find(endpoint.id)).toMatchObject({ failures: 0, retryAt: null, dueAt: null });
  });

  test('that fails at a place its endpoint has left meanwhile goes on at the new one, as if nothing had been', async () => {
    const { answering, release } = held(500);
    const { there, endpoint } = await waiting(answering, 'thing.one');
    const elsewhere = await bench.receiver();
    const round = bench.webhooks.deliver();
    await there.hears(1);
    await bench.house.transaction((tx) => endpoints.update(tx, { ...endpoint, url: elsewhere.url }));
    release();
    await round;
    expect(bench.typesOf(elsewhere)).toEqual(['thing.one']);
    const settled = await bench.webhooks.find(endpoint.id);
    expect(settled).toMatchObject({ failures: 0, failingSince: null, retryAt: null, deliveringUntil: null });
  });

  test('ends with its process, and another worker goes on at once', async () => {
    const { answering } = held();
    const { there, endpoint } = await waiting(inTurn(answering), 'thing.one');
    const stopped = openWebhooks(bench.house);
    const round = stopped.deliver(endpoint.id);
    await there.hears(1);
    await stopped[Symbol.asyncDispose]();
    await round;
    await bench.webhooks.deliver();
    expect(bench.typesOf(there)).toEqual(['thing.one', 'thing.one']);
    expect(await bench.states(endpoint.id)).toEqual(['DELIVERED']);
  });

  test('whose jobs were lost is begun when the clock looks', async () => {
    const { there } = await waiting(undefined, 'thing.one');
    await bench.house.prisma.$executeRaw`DELETE FROM pgboss.job WHERE name = ${due.DELIVER_WEBHOOKS}`;
    expect(await bench.house.transaction((tx) => due.requestDue(tx))).toBe(0);
    bench.house.passTime(6 * SECOND_MS);
    expect(await bench.house.transaction((tx) => due.requestDue(tx))).toBe(1);
    await bench.webhooks.deliver();
    expect(bench.typesOf(there)).toEqual(['thing.one']);
  });

  test('that could not be written down is begun anew after a while', async () => {
    const { there, endpoint } = await waiting(undefined, 'thing.one');
    const { write } = bench.house.database;
    const broken: typeof write = (name, text, values) =>
      name === 'webhook-told' ? Promise.reject(new Error('away')) : write(name, text, values);
    await using faulty = openWebhooks({ ...bench.house, database: { ...bench.house.database, write: broken } });
    await faulty.deliver(endpoint.id);
    expect(await bench.states(endpoint.id)).toEqual(['PENDING']);
    const dueAt = new Date(bench.house.time.now.getTime() + 5 * SECOND_MS);
    expect(await bench.webhooks.find(endpoint.id)).toMatchObject({ deliveringUntil: null, dueAt });
    await bench.webhooks.deliver();
    expect(bench.typesOf(there)).toEqual(['thing.one', 'thing.one']);
    expect(await bench.states(endpoint.id)).toEqual(['DELIVERED']);
  });

  test('that fails is written down together with all that fail in that moment, and for none of them late', async () => {
    let transactions = 0;
    const { transaction } = bench.house;
    const counted: typeof transaction = (work) => {
      transactions += 1;
      return transaction(work);
    };
    await using all = openWebhooks(bench.house);
    const statuses = [...Array(60).fill(500), 410, 404, 302, 503] as number[];
    const ids: string[] = [];
    for (const status of statuses)
      ids.push((await all.endpoint(`http://127.0.0.1:1/${status}`, ['thing.*'])).endpoint.id);
    await all.say('thing.one');
    await all.read();
    const rounds = openRounds({ ...bench.house, transaction: counted });
    const parcels = await Promise.all(ids.map((id) => rounds.take(id)));
    const call = { ...FAILED, startedAt: bench.house.time.now };
    await Promise.all(
      parcels.map((parcel, index) => parcel && rounds.record(parcel, { ...call, status: statuses[index] ?? null })),
    );
    expect(transactions).toBeLessThan(5);
    for (const [index, id] of ids.entries()) {
      const [delivery] = await all.deliveries(id);
      expect(delivery?.attempts).toMatchObject([{ status: statuses[index], error: 'No.' }]);
      expect(await all.find(id)).toMatchObject(
        statuses[index] === 410
          ? { enabled: false, disabledBecause: 'GONE', deliveringUntil: null }
          : { enabled: true, failures: 1, retryAt: expect.any(Date), deliveringUntil: null },
      );
    }
  });

  test('holds no transaction open while it calls', async () => {
    let open = -1;
    const http: Http = {
      ...bench.house.http,
      async post() {
        const [row] = await bench.house.prisma.$queryRaw<{ count: bigint }[]>`
          SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'`;
        open = Number(row?.count);
        return { status: 200, response: '', error: null, latencyMs: 1 };
      },
    };
    await using watched = openWebhooks(bench.house, { http });
    await watched.endpoint('http://127.0.0.1:1/');
    await watched.say('thing.one');
    await watched.read();
    await watched.deliver();
    expect(open).toBe(0);
  });

  test('goes on when an endpoint is deleted or disabled in the middle of a call', async () => {
    const { answering, release } = held();
    const there = await bench.receiver(answering);
    const { endpoint } = await bench.webhooks.endpoint(there.url);
    const { endpoint: other } = await bench.webhooks.endpoint(there.url);
    await bench.webhooks.say('thing.one', 'thing.two');
    await bench.webhooks.read();
    const going = bench.webhooks.deliver();
    await there.hears(2);
    await bench.house.transaction((tx) => endpoints.remove(tx, endpoint));
    await bench.house.transaction((tx) => endpoints.disable(tx, other));
    release();
    await going;
    expect(there.received).toHaveLength(2);
    expect(await bench.states(other.id)).toEqual(['DELIVERED', 'FAILED']);
  });
});
