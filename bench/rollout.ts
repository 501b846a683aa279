import { setTimeout as pause } from 'node:timers/promises';
import { newId } from '../src/lib/id.ts';
import { insert } from '../src/platform/rows.ts';
import { openBareQueue } from './support/bare-queue.ts';
import { type Boon, openBoon } from './support/boon.ts';
import { createBenefit, createProduct, licenseKeys, note, setBenefits } from './support/catalog.ts';
import { table, whole } from './support/numbers.ts';
import { writeTable } from './support/readme.ts';
import { seedSubscribers } from './support/subscribers.ts';

const SUBSCRIBERS = 20_000;
/** As many as a rollout hands to the queue at once. */
const PAGE = 1_000;
const LOOK_MS = 250;
const TELL_MS = 5_000;

await using boon = await openBoon();
const settled = await productEdit(boon);
await boon.stop();
const handled = await emptyJobs(boon);

const row = (what: string, ms: number) => [what, whole((SUBSCRIBERS * 1_000) / ms), `${(ms / 1_000).toFixed(1)} s`];
await writeTable(
  'rollout',
  table([
    [`${whole(SUBSCRIBERS)} of each`, 'per second', 'all'],
    row('subscribers settled, each with a new license key, after a product edit', settled),
    row('pg-boss alone: empty jobs, sent and handled with the same settings', handled),
  ]),
);

/** Milliseconds from an edit being sent, that adds a benefit to a product, until every subscriber has it. */
async function productEdit(boon: Boon): Promise<number> {
  const had = await createBenefit(boon, note('Support'));
  const added = await createBenefit(boon, licenseKeys('License'));
  const productId = await createProduct(boon, 'Plan', [had]);
  await seedSettled(boon, productId, had);
  const sentAt = performance.now();
  await setBenefits(boon, productId, [had, added]);
  await untilReached(boon);
  const ms = performance.now() - sentAt;
  const active = await boon.database.prisma.benefitGrant.count({ where: { benefitId: added, state: 'ACTIVE' } });
  const keys = await boon.database.prisma.licenseKey.count();
  if (active !== SUBSCRIBERS || keys !== SUBSCRIBERS)
    throw new Error(`${active} grants are active, with ${keys} keys.`);
  return ms;
}

/** Subscribers as purchases and settlement would have left them. */
async function seedSettled(boon: Boon, productId: string, benefitId: string): Promise<void> {
  const now = new Date();
  const { organizationId, database } = boon;
  const made = { organizationId, createdAt: now, updatedAt: now };
  const emails = Array.from({ length: SUBSCRIBERS }, (_, number) => `customer${number}@example.com`);
  const subscribers = await seedSubscribers(boon, productId, emails);
  const { prisma } = database;
  await insert(
    prisma,
    'BenefitGrant',
    subscribers.map(({ customerId, subscriptionId }) => ({
      ...made,
      id: newId('grant', now),
      customerId,
      benefitId,
      subscriptionId,
      position: 0,
      state: 'ACTIVE' as const,
      grantedAt: now,
      held: { deliveredAt: now.toISOString() },
      appliedVersion: 1,
      appliedPeriod: now,
    })),
  );
  await prisma.$executeRaw`VACUUM ANALYZE`;
}

async function untilReached({ database }: Boon): Promise<void> {
  for (let told = 0; ; await pause(LOOK_MS)) {
    // The newest: putting the product together was one as well.
    const { total, spreadAt, _count } = await database.prisma.rollout.findFirstOrThrow({
      orderBy: { id: 'desc' },
      include: { _count: { select: { customers: true } } },
    });
    if (performance.now() - told > TELL_MS) console.error(`${(total ?? 0) - _count.customers} of ${total} settled`);
    if (performance.now() - told > TELL_MS) told = performance.now();
    if (spreadAt && _count.customers === 0) return;
  }
}

/** Milliseconds from the first of as many empty jobs being sent until the last is handled. */
async function emptyJobs(boon: Boon): Promise<number> {
  const { promise: done, resolve } = Promise.withResolvers<void>();
  let count = 0;
  await using queue = await openBareQueue(boon, boon.databaseUrl, () => {
    if (++count === SUBSCRIBERS) resolve();
  });
  const startedAt = performance.now();
  for (let sent = 0; sent < SUBSCRIBERS; sent += PAGE) {
    await queue.send(Array.from({ length: PAGE }, (_, number) => `job ${sent + number}`));
  }
  await done;
  return performance.now() - startedAt;
}
