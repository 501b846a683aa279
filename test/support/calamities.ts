import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Listener, listenOverSocket, listenToEvents } from './audience.ts';
import { type Installation, openInstallation } from './installation.ts';
import { openReceiver, type Receiver } from './receiver.ts';

/** What happens to an installation, and what all who listen to it must have heard after each of it. */
export function exerciseCalamities({ redisAwayMs, times, listeners }: Severity): void {
  let boon: Installation;
  let webhook: Receiver;
  let audience: Listener[];
  let productId: string;
  let sold = 0;
  /** What was set up before anybody listened. */
  let begin = 0n;
  const stack = new AsyncDisposableStack();

  beforeAll(async () => {
    boon = stack.use(await openInstallation());
    webhook = stack.use(await openReceiver());
    const made = await boon.ask<{
      createBenefit: { benefit: { id: string } };
      createProduct: { product: { id: string } };
    }>(
      `mutation { createBenefit(input: { description: "A key", properties: { licenseKeys: {} } }) { ... on CreateBenefitPayload { benefit { id } } }
        createProduct(input: { name: "Pro" }) { ... on CreateProductPayload { product { id } } } }`,
    );
    productId = made.createProduct.product.id;
    await boon.ask(
      `mutation ($id: ID!, $benefitId: ID!, $url: String!) {
        updateProductBenefits(input: { id: $id, benefitIds: [$benefitId] }) { __typename }
        createWebhookEndpoint(input: { url: $url, events: ["*"] }) { __typename } }`,
      { id: productId, benefitId: made.createBenefit.benefit.id, url: webhook.url },
    );
    const { currentOrganization } = await boon.ask<{ currentOrganization: { liveCursor: string } }>(
      '{ currentOrganization { liveCursor } }',
    );
    const { eventSequence } = await boon.database.prisma.organization.findUniqueOrThrow({
      where: { id: boon.organizationId },
    });
    begin = eventSequence;
    const { urls, token } = boon;
    audience = [
      ...Array.from({ length: listeners }, (_, index) =>
        listenOverSocket(index % 2 ? [urls[1], urls[0]] : urls, token, currentOrganization.liveCursor),
      ),
      listenToEvents(urls, token, currentOrganization.liveCursor),
    ];
    for (const listener of audience) stack.use(listener);
  });
  afterAll(() => stack.disposeAsync());

  /** Somebody buys; what is asked twice because of a broken connection is done once. */
  const sell = async (): Promise<void> => {
    const n = ++sold;
    const { createCustomer } = await boon.ask<{ createCustomer: { customer: { id: string } } }>(
      `mutation ($email: String!, $key: String!) { createCustomer(input: { email: $email, idempotencyKey: $key }) {
        ... on CreateCustomerPayload { customer { id } } } }`,
      { email: `buyer${n}@example.com`, key: `customer ${n}` },
    );
    await boon.ask(
      `mutation ($id: ID!, $productId: ID!, $key: String!) {
        createSubscription(input: { customer: { id: $id }, productId: $productId, idempotencyKey: $key }) { __typename } }`,
      { id: createCustomer.customer.id, productId, key: `subscription ${n}` },
    );
  };
  /** Sells before, meanwhile and afterwards; then everybody has heard everything, once and in order. */
  const survive = async (calamity: () => Promise<void>): Promise<void> => {
    let over = false;
    const happening = calamity().finally(() => (over = true));
    do await sell();
    while (!over);
    await happening;
    await sell();
    await delivered();
    const log = await logged();
    for (const { told, failures } of audience) {
      await expect.poll(() => told.length).toBeGreaterThanOrEqual(log.length);
      expect(failures).toEqual([]);
      expect(told).toEqual(log);
    }
    await notified(log);
    expect(boon.running()).toBe(true);
  };
  /** Every purchase was done once, and what it promised is there. */
  const delivered = async (): Promise<void> => {
    const { prisma } = boon.database;
    await expect.poll(() => prisma.benefitGrant.count({ where: { state: 'ACTIVE' } })).toBe(sold);
    expect(await prisma.customer.count()).toBe(sold);
  };
  const logged = async (): Promise<string[]> => {
    const rows = await boon.database.prisma.event.findMany({
      where: { organizationId: boon.organizationId, sequence: { gt: begin } },
      orderBy: { sequence: 'asc' },
      select: { id: true },
    });
    return rows.map(({ id }) => id);
  };
  /** The endpoint has been told everything, in order; what was under way when a worker was killed, perhaps twice. */
  const notified = async (log: readonly string[]): Promise<void> => {
    const ids = () => [...new Set(webhook.received.map(({ headers }) => headers['webhook-id']))];
    await expect.poll(() => ids().length).toBeGreaterThanOrEqual(log.length);
    expect(ids()).toEqual(log);
  };

  test('what happens at one API is heard at both, and everywhere else', () => survive(async () => {}));

  const rounds = Array.from({ length: times }, (_, index) => index + 1);
  test.each(rounds)(`Redis is away for ${redisAwayMs / 1_000} seconds (%i)`, () =>
    survive(async () => {
      await boon.stopRedis();
      const back = Date.now() + redisAwayMs;
      while (Date.now() < back) await sell();
      await boon.startRedis();
    }),
  );

  test.each(rounds)('an API is killed, and its listeners go on at the other one (%i)', () =>
    survive(() => boon.kill('api')),
  );

  test.each(rounds)('a worker is killed (%i)', () => survive(() => boon.kill('worker')));

  test.each(rounds)('PostgreSQL is restarted (%i)', () => survive(() => boon.restartPostgres()));
}

export interface Severity {
  redisAwayMs: number;
  /** How often each of it happens. */
  times: number;
  listeners: number;
}
