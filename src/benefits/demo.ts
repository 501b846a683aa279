import * as accessTokens from '../domain/access-tokens.ts';
import * as benefits from '../domain/benefits.ts';
import * as customers from '../domain/customers.ts';
import * as integrations from '../domain/integrations/integrations.ts';
import * as orders from '../domain/orders.ts';
import * as organizations from '../domain/organizations.ts';
import * as products from '../domain/products.ts';
import * as subscriptions from '../domain/subscriptions/subscriptions.ts';
import { ingest } from '../domain/usage/ingestion.ts';
import { after, DAY_MS, HOUR_MS } from '../lib/time.ts';
import type { Database } from '../platform/database.ts';
import type { Transaction, Tx } from '../platform/unit-of-work.ts';
import { inspectProperties, parseProperties } from './catalog.ts';
import type { Kind } from './kind.ts';
import type { Means } from './means.ts';

/** The organization a first start makes, so that there is something to look at. */
const DEMO_NAME = 'Acme';
const PEOPLE = [
  { name: 'Ada Lovelace', email: 'ada@example.com', externalId: 'user_1' },
  { name: 'Grace Hopper', email: 'grace@example.com', externalId: 'user_2' },
  { name: 'Alan Turing', email: 'alan@example.com', externalId: 'user_3' },
] as const;
const PERIOD_MS = 30 * DAY_MS;
/** How many times each of them has used something, an hour and a half apart. */
const CALLS = 200;
const DEMO_LOCK = 0x64656d6f;

/** The oldest organization: the one the demo data is in. Null before the first start. */
export function findDemo({
  prisma,
}: {
  prisma: Pick<Database['prisma'], 'organization'>;
}): Promise<{ id: string; name: string } | null> {
  return prisma.organization.findFirst({ orderBy: { id: 'asc' }, select: { id: true, name: true } });
}

/** Makes an organization that sells one benefit of every kind, by subscription and by order. Twice changes nothing. */
export async function seedDemo(means: Means, transaction: Transaction, kinds: readonly Kind[]): Promise<void> {
  if (await findDemo(means.database)) return;
  const inspected = new Map<Kind, Record<string, unknown>>();
  for (const kind of kinds)
    if (kind.inspect) inspected.set(kind, await inspectProperties(kind, kind.example.properties, means));
  await transaction(async (tx) => {
    // Of several processes that find an empty database one makes it, and the others find it made.
    await tx.db.$executeRaw`SELECT pg_advisory_xact_lock(${DEMO_LOCK})`;
    if (await findDemo({ prisma: tx.db })) return;
    const { id: organizationId } = await organizations.create(tx, { name: DEMO_NAME });
    const benefitIds = [];
    for (const kind of kinds) benefitIds.push(await exampleOf(tx, organizationId, kind, means, inspected.get(kind)));
    const plan = await sell(tx, organizationId, 'Pro plan', benefitIds);
    const license = await sell(tx, organizationId, 'Lifetime license', benefitIds.slice(0, 1));
    for (const [index, person] of PEOPLE.entries()) {
      const { id: customerId } = await customers.create(tx, { organizationId, ...person });
      if (index === PEOPLE.length - 1)
        await orders.create(tx, { organizationId, customerId, productId: license, amount: '99.00', currency: 'USD' });
      else
        await subscriptions.create(tx, {
          organizationId,
          customerId,
          productId: plan,
          currentPeriodEnd: after(tx.now, PERIOD_MS),
        });
    }
    await ingest(tx, {
      organizationId,
      events: PEOPLE.slice(0, -1).flatMap(({ externalId }) => callsOf(externalId, tx.now)),
    });
  });
}

/** A token for the terminal and the example operations, made anew at each start, good for a day. */
export async function demoToken(transaction: Transaction, organizationId: string): Promise<string> {
  const { token } = await transaction((tx) =>
    accessTokens.create(tx, { organizationId, name: 'Printed at start', expiresAt: after(tx.now, DAY_MS) }),
  );
  return token;
}

async function exampleOf(
  tx: Tx,
  organizationId: string,
  kind: Kind,
  means: Means,
  inspected: Record<string, unknown> | undefined,
): Promise<string> {
  const { description, furnish } = kind.example;
  const properties = inspected ?? (await furnish?.(tx, organizationId)) ?? kind.example.properties;
  for (const { provider, placeId, name } of (inspected && kind.places?.(inspected)) ?? [])
    await integrations.connect(tx, { organizationId, provider, places: [{ placeId, name }] });
  const parsed = await parseProperties(tx, kind, { organizationId, properties }, means);
  const benefit = await benefits.create(tx, { organizationId, type: kind.type, description, properties: parsed });
  return benefit.id;
}

/** So that there is something to look at over time. */
const callsOf = (externalId: string, now: Date) =>
  Array.from({ length: CALLS }, (_, call) => ({
    name: 'api_call',
    customer: { externalId },
    timestamp: after(now, -1.5 * HOUR_MS * call),
    metadata: { path: call % 3 === 0 ? '/search' : '/items', milliseconds: 20 + ((call * 37) % 200) },
  }));

async function sell(tx: Tx, organizationId: string, name: string, benefitIds: readonly string[]): Promise<string> {
  const product = await products.create(tx, { organizationId, name });
  await products.setBenefits(tx, { organizationId, id: product.id, benefitIds });
  return product.id;
}
