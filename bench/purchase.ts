import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import * as customers from '../src/domain/customers.ts';
import { openBareQueue } from './support/bare-queue.ts';
import { type Boon, openBoon } from './support/boon.ts';
import { createBenefit, createProduct, licenseKeys } from './support/catalog.ts';
import { milliseconds, percentile, table } from './support/numbers.ts';
import { writeTable } from './support/readme.ts';

const WARM_UP = 100;
const PURCHASES = 500;

const SUBSCRIBE = `mutation ($customer: CustomerBy!, $productId: ID!) {
  createSubscription(input: { customer: $customer, productId: $productId }) { __typename } }`;
const GRANTS = 'subscription { benefitGrantChanged { grant { state customer { id } } } }';

await using boon = await openBoon();
const bought = await purchases(boon);
await boon.stop();
const handled = await bareJobs(boon);

const row = (what: string, values: readonly number[]) => [
  what,
  milliseconds(percentile(values, 0.5)),
  milliseconds(percentile(values, 0.99)),
];
await writeTable(
  'purchase',
  table([
    ['', 'p50', 'p99'],
    row('purchase sent → key `ACTIVE`, as the live stream tells it', bought.active),
    row('purchase sent → answered', bought.answered),
    row('pg-boss alone: empty job sent → handled', handled),
  ]),
);

/** Milliseconds from a purchase being sent, over HTTP, to its being answered and to the live stream saying `ACTIVE`. */
async function purchases(boon: Boon): Promise<{ active: number[]; answered: number[] }> {
  const { transaction, organizationId } = boon;
  const productId = await createProduct(boon, 'License', [await createBenefit(boon, licenseKeys('License'))]);
  await using live = await listen(boon);
  const active: number[] = [];
  const answered: number[] = [];
  for (let number = 0; number < WARM_UP + PURCHASES; number++) {
    const email = `customer${number}@example.com`;
    const { id } = await transaction((tx) => customers.create(tx, { organizationId, email }));
    const heard = live.until(id);
    const sentAt = performance.now();
    const { createSubscription } = await boon.ask<{ createSubscription: { __typename: string } }>(SUBSCRIBE, {
      customer: { id },
      productId,
    });
    const answeredAt = performance.now();
    if (createSubscription.__typename !== 'CreateSubscriptionPayload') throw new Error(createSubscription.__typename);
    const activeAt = await heard;
    if (number < WARM_UP) continue;
    answered.push(answeredAt - sentAt);
    active.push(activeAt - sentAt);
  }
  return { active, answered };
}

interface Told {
  benefitGrantChanged: { grant: { state: string; customer: { id: string } } };
}

/** Listens over a WebSocket to every grant of the organization. */
async function listen({ url, headers }: Boon) {
  const waiting = new Map<string, (at: number) => void>();
  const client = createClient({
    url: url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: headers.authorization },
  });
  const connected = new Promise<void>((resolve) => client.on('connected', () => resolve()));
  client.subscribe<Told>(
    { query: GRANTS },
    {
      next({ data }) {
        const grant = data?.benefitGrantChanged.grant;
        if (grant?.state === 'ACTIVE') waiting.get(grant.customer.id)?.(performance.now());
      },
      error: (error) => console.error(error),
      complete: () => {},
    },
  );
  await connected;
  return {
    /** When this customer's grant was said to be active. */
    until: (customerId: string) => new Promise<number>((resolve) => waiting.set(customerId, resolve)),
    [Symbol.asyncDispose]: async () => void (await client.dispose()),
  };
}

/** Milliseconds from an empty job being sent to its handler being called. */
async function bareJobs(boon: Boon): Promise<number[]> {
  let called: (at: number) => void = () => {};
  await using queue = await openBareQueue(boon, boon.databaseUrl, () => called(performance.now()));
  const taken: number[] = [];
  for (let number = 0; number < WARM_UP + PURCHASES; number++) {
    const calledAt = new Promise<number>((resolve) => {
      called = resolve;
    });
    const sentAt = performance.now();
    await queue.send([`job ${number}`]);
    const at = await calledAt;
    if (number >= WARM_UP) taken.push(at - sentAt);
  }
  return taken;
}
