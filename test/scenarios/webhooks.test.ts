import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as endpoints from '../../src/domain/webhooks/endpoints.ts';
import { type House, openHouse } from '../support/house.ts';
import { type BoonProcess, spawnBoon } from '../support/process.ts';
import { type Answering, openReceiver, type Received, type Receiver } from '../support/receiver.ts';

let house: House;
let cleanUp: AsyncDisposableStack;
beforeAll(async () => {
  cleanUp = new AsyncDisposableStack();
  house = cleanUp.use(await openHouse({ startAt: new Date() }));
});
afterAll(() => cleanUp.disposeAsync());

const worker = (): BoonProcess =>
  spawnBoon(
    {
      PATH: process.env.PATH ?? '',
      DATABASE_URL: house.url,
      BOON_SECRET: 'a secret that is only good for tests',
      WEBHOOK_ALLOW_PRIVATE: 'loopback',
    },
    '--role',
    'worker',
  );
const endpoint = async (answering?: Answering) => {
  const there = cleanUp.use(await openReceiver(answering));
  const { organizationId } = house;
  await house.transaction((tx) => endpoints.create(tx, { organizationId, url: there.url, events: ['thing.*'] }));
  return there;
};
const say = (from: number, to: number) =>
  house.transaction(async (tx) => {
    for (let n = from; n <= to; n++) {
      tx.append({ organizationId: house.organizationId, type: 'thing.made', subjectId: 'one', data: { thing: { n } } });
    }
  });
const numberOf = ({ body }: Received): number => JSON.parse(body.toString()).data.n;
const numbers = ({ received }: Receiver): number[] => received.map(numberOf);
const upTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1);

test('a worker killed in the middle of a call repeats it and loses nothing, though every job is lost with it', async () => {
  let held = true;
  const stuck = await endpoint((response) => {
    if (!held || stuck.received.length < 5) response.end();
  });
  const other = await endpoint();
  const first = cleanUp.use(worker());
  await first.says('at work');
  await say(1, 20);
  await Promise.all([stuck.hears(5), other.hears(20)]);
  expect(numbers(stuck)).toEqual(upTo(5));
  first.child.kill('SIGKILL');
  await once(first.child, 'close');
  await say(21, 30);
  held = false;
  await house.prisma.$executeRaw`DELETE FROM pgboss.job`;
  // As if its lease were up.
  await house.prisma
    .$executeRaw`UPDATE "WebhookEndpoint" SET "deliveringUntil" = now(), "dueAt" = now() WHERE "deliveringUntil" IS NOT NULL`;

  const second = cleanUp.use(worker());
  await Promise.all([stuck, other].map((there) => there.hearsOf((one) => numberOf(one) === 30)));
  expect(numbers(stuck)).toEqual([...upTo(5), ...upTo(30).slice(4)]);
  // What was answered just when it was killed may be told again, too.
  expect([...new Set(numbers(other))]).toEqual(upTo(30));
  second.child.kill('SIGTERM');
  expect(await second.ended).toBe(0);
});

test('two workers tell each endpoint everything once and in order', async () => {
  const all = [
    await endpoint(),
    await endpoint((response) => void setImmediate(() => response.end())),
    await endpoint(),
  ];
  const workers = [cleanUp.use(worker()), cleanUp.use(worker())];
  for (let n = 0; n < 10; n++) await say(n * 10 + 1, n * 10 + 10);
  await Promise.all(all.map((there) => there.hears(100)));
  for (const { child } of workers) child.kill('SIGTERM');
  await Promise.all(workers.map(({ ended }) => ended));
  for (const there of all) expect(numbers(there)).toEqual(upTo(100));
});
