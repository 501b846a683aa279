import { expect, test } from 'vitest';
import { webhookReader } from '../../../src/benefits/webhook-reader.ts';
import * as readers from '../../../src/domain/readers.ts';
import { openWebhookBench } from '../../support/webhooks.ts';

const bench = openWebhookBench();

/** Puts what was said in line, and has something begun meanwhile that must wait until that is committed. */
async function whilePutInLine(begin: () => void): Promise<void> {
  const { transaction, organizationId, kinds, prisma } = bench.house;
  await transaction(async (tx) => {
    await readers.advance(tx, webhookReader(kinds), organizationId);
    begin();
    for (let waiting = 0; waiting === 0; ) {
      const [row] = await prisma.$queryRaw<{ count: bigint }[]>`
        SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      waiting = Number(row?.count);
    }
  });
}

test('who looks while something is put in line sees it once it is there', async () => {
  const there = await bench.receiver();
  const { endpoint } = await bench.webhooks.endpoint(there.url);
  await bench.webhooks.say('thing.one');
  await whilePutInLine(() => void bench.webhooks.courier.visit(endpoint.id));
  await bench.webhooks.courier.idle();
  expect(bench.typesOf(there)).toEqual(['thing.one']);
  expect(await bench.webhooks.find(endpoint.id)).toMatchObject({ deliveringUntil: null, dueAt: null });
});

test('whose round is about to end while something is put in line goes on with it', async () => {
  const release = Promise.withResolvers<void>();
  const there = await bench.receiver((response) => void release.promise.then(() => response.end()));
  const { endpoint } = await bench.webhooks.endpoint(there.url);
  await bench.webhooks.say('thing.one');
  await bench.webhooks.read();
  const round = bench.webhooks.deliver();
  await there.hears(1);
  await bench.webhooks.say('thing.two');
  await whilePutInLine(release.resolve);
  await round;
  expect(bench.typesOf(there)).toEqual(['thing.one', 'thing.two']);
  expect(await bench.states(endpoint.id)).toEqual(['DELIVERED', 'DELIVERED']);
  expect(await bench.webhooks.find(endpoint.id)).toMatchObject({ deliveringUntil: null, dueAt: null });
});
