import { queryObjects } from 'node:v8';
import { print } from 'graphql';
import { expect, test } from 'vitest';
import { openConsumption } from '../../src/domain/credits/consumption.ts';
import { topUp } from '../../src/domain/credits/spending.ts';
import * as cursors from '../../src/domain/cursors.ts';
import * as meters from '../../src/domain/meters/meters.ts';
import { openMemoryBus } from '../../src/platform/bus-memory.ts';
import { documents } from '../operations/documents.ts';
import { hear, overSocket } from '../support/listen.ts';
import { openNode } from '../support/node.ts';

test('changes of a balance are heard in their order, the newest among them, of one meter and from a cursor on', async () => {
  await using node = await openNode({ bus: openMemoryBus() });
  const { organizationId, transaction } = node;
  const { token } = await node.token();
  const customer = await node.customer();
  const meterOf = () =>
    transaction((tx) => meters.create(tx, { organizationId, name: 'Calls', aggregation: { function: 'COUNT' } }));
  const [calls, other] = [await meterOf(), await meterOf()];
  const give = (meterId: string, units: string) =>
    transaction((tx) => topUp(tx, { organizationId, customerId: customer.id, meterId, units }));
  const query = print(documents.get('CreditBalanceChanged') ?? { kind: 'Document' as never, definitions: [] });
  const listen = (meterId: string | null, after: string | null, by = token) =>
    overSocket(node.url, by, query, { customer: { id: customer.id }, meterId, after });
  const balancesOf = (heard: Awaited<ReturnType<typeof hear>>) =>
    heard.map(({ data }) => Number(data.creditBalanceChanged.balance.balance));
  const from = cursors.issue({ organizationId, sequence: 0n, now: new Date() });

  const live = listen(calls.id, null);
  const first = live.next();
  // A stream that begins now begins when the socket stands: until it speaks, there is one more change to hear of.
  const stands = async () => {
    await give(calls.id, '1');
    return Promise.race([first, null]);
  };
  await expect.poll(stands).not.toBe(null);
  for (const units of ['10', '100', '1000']) {
    await give(other.id, units);
    await give(calls.id, units);
  }
  const heard = balancesOf([(await first).value, ...(await hear(live, 3))]);
  expect(heard).toEqual(heard.toSorted((a, b) => a - b));

  const all = await node.database.prisma.event.count({ where: { type: 'credit_balance.changed' } });
  const replayed = await hear(listen(null, from), all);
  expect(new Set(replayed.map(({ data }) => data.creditBalanceChanged.balance.meter.id))).toEqual(
    new Set([calls.id, other.id]),
  );
  expect(balancesOf(await hear(listen(other.id, from), 3))).toEqual([1110, 1110, 1110]);
  const stranger = await node.session((await node.customer()).id);
  const [refused] = await hear(listen(null, null, stranger.token), 1);
  expect(refused?.errors?.[0]).toMatchObject({ message: 'There is no such customer.' });
});

test('through a flood of changes their order is kept, and the newest is never skipped', async () => {
  await using node = await openNode({ bus: openMemoryBus() });
  const { organizationId, transaction } = node;
  const { token } = await node.token();
  const customer = await node.customer();
  const { id: meterId } = await transaction((tx) =>
    meters.create(tx, { organizationId, name: 'Calls', aggregation: { function: 'COUNT' } }),
  );
  await transaction((tx) => topUp(tx, { organizationId, customerId: customer.id, meterId, units: '1000' }));
  const consume = openConsumption({ transaction });
  const take = () => consume({ organizationId, customer: { id: customer.id }, meterId, units: '1' });
  const query = print(documents.get('CreditBalanceChanged') ?? { kind: 'Document' as never, definitions: [] });
  const after = cursors.issue({ organizationId, sequence: 0n, now: new Date() });
  const live = overSocket(node.url, token, query, { customer: { id: customer.id }, meterId, after });
  const heard: number[] = [];
  const hearing = (async () => {
    for await (const { data } of live) {
      heard.push(Number(data.creditBalanceChanged.balance.balance));
      if (heard.at(-1) === 760) return;
    }
  })();
  const flood = async () => {
    await Promise.all(Array.from({ length: 200 }, take));
    for (let count = 0; count < 40; count++) await take();
  };
  await Promise.all([hearing, flood()]);
  expect(heard).toEqual(heard.toSorted((a, b) => b - a));
});

test('of changes that a stream leaves out nothing is kept while it waits, however many there are', async () => {
  await using node = await openNode({ bus: openMemoryBus() });
  const { organizationId, transaction } = node;
  const { token } = await node.token();
  const { id: customerId } = await node.customer();
  const { id: meterId } = await transaction((tx) =>
    meters.create(tx, { organizationId, name: 'Calls', aggregation: { function: 'COUNT' } }),
  );
  const give = () => transaction((tx) => topUp(tx, { organizationId, customerId, meterId, units: '1' }));
  const happenElsewhere = (times: number) =>
    transaction(async (tx) => {
      const data = { balance: { meterId: 'another' } };
      for (let count = 0; count < times; count++)
        tx.append({ organizationId, type: 'credit_balance.changed', subjectId: 'another', data });
    });
  const everything = node.feed.follow({ organizationId, after: 0n });
  const told = async (times: number) => {
    for (let count = 0; count < times; ) if ((await everything.next()).value?.event.subjectId === 'another') count++;
    await new Promise((resolve) => setImmediate(resolve));
  };
  const query = print(documents.get('CreditBalanceChanged') ?? { kind: 'Document' as never, definitions: [] });
  const after = cursors.issue({ organizationId, sequence: 0n, now: new Date() });
  const live = overSocket(node.url, token, query, { meterId, after });
  await give();
  await live.next();
  const next = live.next();
  next.catch(() => {});
  await happenElsewhere(1);
  await told(1);

  const before = queryObjects(Promise, { format: 'count' });
  await happenElsewhere(MANY);
  await told(MANY);
  expect(queryObjects(Promise, { format: 'count' }) - before).toBeLessThan(MANY / 2);
  await give();
  expect((await next).value.data.creditBalanceChanged.balance.balance).toBe('2');
  await everything.return?.();
  await live.return?.();
});

const MANY = 1_000;
