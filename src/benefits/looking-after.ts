import { isDeepStrictEqual } from 'node:util';
import type { Prisma } from '../../prisma/generated/client/client.ts';
import * as customers from '../domain/customers.ts';
import { type LoadedGrant, load, loadMany } from '../domain/grants/facts.ts';
import { reconcile } from '../domain/grants/reconcile.ts';
import { tell } from '../domain/grants/telling.ts';
import { isEntitled } from '../domain/grants/work.ts';
import { NO_ATTENTION } from '../domain/grants/writing.ts';
import * as integrations from '../domain/integrations/integrations.ts';
import type { Tx } from '../platform/unit-of-work.ts';
import type { FulfillmentOptions } from './fulfillment.ts';
import type { Finding, GivenPlace, Order } from './kind.ts';
import { orderOf } from './order.ts';

const PAGE = 200;
const PAGE_MS = 120_000;

/**
 * Compares what one benefit gave at a third party with what stands there. What was taken away by hand is given again,
 * what has moved on is written down, and what is in the way is told on the grant.
 */
export async function lookAfter(options: FulfillmentOptions, benefitId: string): Promise<void> {
  const { transaction, kinds, means } = options;
  let last = '';
  for (;;) {
    const { orders, next } = await transaction((tx) => read(tx, options, benefitId, last));
    const kind = kinds.find(({ type }) => type === orders[0]?.type);
    const look = kind?.keep;
    if (look?.where === 'outside' && look.look) {
      const sight = { means, signal: AbortSignal.timeout(PAGE_MS) };
      const findings = await look.look(
        orders.map(({ order }) => order),
        sight,
      );
      for (const finding of findings) {
        const seen = orders.find(({ order }) => order.grant.id === finding.grantId)?.order;
        if (seen) await transaction((tx) => write(tx, seen, finding, kind?.places?.(seen.properties as never) ?? []));
      }
    }
    if (!next) return;
    last = next;
  }
}

type Seen = Order<Record<string, unknown>, Record<string, unknown>>;

async function read(tx: Tx, { kinds }: FulfillmentOptions, benefitId: string, last: string) {
  const grants = await tx.db.benefitGrant.findMany({
    where: { benefitId, state: { not: 'REVOKED' }, id: { gt: last } },
    select: { id: true, customerId: true },
    orderBy: { id: 'asc' },
    take: PAGE,
  });
  const people = await loadMany(tx, [...new Set(grants.map(({ customerId }) => customerId))]);
  const orders = grants.flatMap(({ id, customerId }) => {
    const customer = people.find((candidate) => candidate.id === customerId);
    const grant = customer?.grants.find((candidate) => candidate.id === id);
    if (!customer || !grant || grant.held === null || !isEntitled(grant, tx.now)) return [];
    const kind = kinds.find(({ type }) => type === grant.benefit.type);
    return [{ type: grant.benefit.type, order: orderOf(customer, grant, kind, 'deliver', tx.now) as Seen }];
  });
  return { orders, next: grants.length === PAGE ? grants.at(-1)?.id : undefined };
}

/** Only what is still as it was when it was looked at: whoever is at work on it knows better. */
async function write(
  tx: Tx,
  seen: Seen,
  { held, again, problem }: Finding<unknown>,
  places: readonly GivenPlace[],
): Promise<void> {
  await customers.lockById(tx, seen.customer.id);
  const customer = await load(tx, seen.customer.id);
  const grant = customer.grants.find(({ id }) => id === seen.grant.id);
  if (!grant || !isEntitled(grant, tx.now) || !isDeepStrictEqual(grant.held, seen.held)) return;
  if (customer.settlingUntil && customer.settlingUntil > tx.now) return;
  const attention = attentionOf(problem);
  const changed = ['delivery', ...(attention && attention.attentionCode !== grant.attentionCode ? ['attention'] : [])];
  const { benefit, ...columns } = grant;
  const updated = await tx.db.benefitGrant.update({
    where: { id: columns.id },
    data: {
      held: held as Prisma.InputJsonObject,
      updatedAt: tx.now,
      ...(again && { appliedVersion: 0, ...NO_ATTENTION }),
      ...attention,
    },
  });
  tell(tx, 'benefit_grant.updated', updated, customer, benefit, changed);
  if (again) await reconcile(tx, customer.id);
  const [place] = places;
  // Where there are several, what is in the way does not say which of them it is about.
  const isOne = places.every(({ placeId }) => placeId === place?.placeId);
  if (place && isOne && problem?.is === 'needs' && problem.who === 'MERCHANT')
    await integrations.note(tx, { organizationId: grant.organizationId, ...place }, problem);
}

/** What a person must do is told; what mends itself is found mended by the next look. */
function attentionOf(
  problem: Finding<unknown>['problem'],
): Pick<LoadedGrant, 'attentionCode' | 'attentionMessage' | 'attentionActor' | 'retryAt'> | undefined {
  if (problem?.is !== 'needs') return undefined;
  return {
    attentionCode: problem.code,
    attentionMessage: problem.message,
    attentionActor: problem.who,
    retryAt: null,
  };
}
