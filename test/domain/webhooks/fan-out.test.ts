import { expect, test } from 'vitest';
import { webhookReader } from '../../../src/benefits/webhook-reader.ts';
import * as readers from '../../../src/domain/readers.ts';
import { openWebhookBench } from '../../support/webhooks.ts';

const ENDPOINTS = 105;
const EVENTS = 25;

const bench = openWebhookBench();

test('where one transaction cannot make so many deliveries, the next ones make the rest', async () => {
  const { prisma, transaction, organizationId, kinds } = bench.house;
  const { endpoint } = await bench.webhooks.endpoint('http://127.0.0.1:1/', ['thing.*']);
  await bench.webhooks.read();
  await prisma.$executeRaw`
    INSERT INTO "WebhookEndpoint" (id, "organizationId", url, events, since, secret, "createdAt", "updatedAt")
    SELECT 'whe_' || n, "organizationId", url, events, since, secret, "createdAt", "updatedAt"
    FROM "WebhookEndpoint", generate_series(2, ${ENDPOINTS}) AS n WHERE id = ${endpoint.id}`;
  await bench.webhooks.say(...Array<string>(EVENTS).fill('thing.made'));
  const advance = () => transaction((tx) => readers.advance(tx, webhookReader(kinds), organizationId));
  expect(await advance()).toBe(true);
  expect(await prisma.webhookDelivery.count()).toBe(19 * ENDPOINTS);
  expect(await advance()).toBe(false);
  expect(await prisma.webhookDelivery.count()).toBe(EVENTS * ENDPOINTS);
});
