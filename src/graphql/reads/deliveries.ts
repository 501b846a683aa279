import DataLoader from 'dataloader';
import { kindOf } from '../../benefits/catalog.ts';
import type { Kind, Order } from '../../benefits/kind.ts';
import { sourceType } from '../../benefits/order.ts';
import { sourceIdOf } from '../../domain/grants/facts.ts';
import type { Context } from '../context.ts';
import { referencesOf } from '../zod-facts.ts';
import { type AccountRow, accountsOf } from './accounts.ts';
import type { GrantRow } from './rows.ts';

type Json = Record<string, unknown>;

/** What a grant holds, and the kind that says so. */
export interface Delivery {
  kind: Kind;
  delivered: Json;
}

/** What a grant holds: at once, when it was prepared. Whatever is asked for at the same time is read at once. */
export const deliveryOf = (context: Context, grant: GrantRow): Delivery | Promise<Delivery> =>
  prepared(context).get(grant.id) ?? loadDelivery(context, grant);

/** Reads what grants hold before anyone asks one by one. */
export async function prepareDeliveries(context: Context, grants: readonly GrantRow[]): Promise<void> {
  const deliveries = prepared(context);
  const load = async (grant: GrantRow) => deliveries.set(grant.id, await loadDelivery(context, grant));
  await Promise.all(grants.filter(({ held }) => held !== null).map(load));
}

/** A grant as its kind sees it. */
export async function orderOf(context: Context, grant: GrantRow): Promise<Order<Json, Json | null>> {
  const { loaders, clock, kinds } = context;
  const benefit = await loaders.existing('Benefit', grant.benefitId);
  const provider = kindOf(kinds, benefit.type).account;
  return {
    grant,
    source: { type: sourceType(grant), id: sourceIdOf(grant) },
    customer: await loaders.existing('Customer', grant.customerId),
    benefit,
    properties: benefit.properties as Json,
    held: grant.held as Json | null,
    account: provider ? ((await accountsOf(context, grant.customerId)).find(isUsedAt(provider)) ?? null) : null,
    period: grant.periodStart && { start: grant.periodStart, end: grant.periodEnd },
    reason: 'deliver',
    now: clock(),
  };
}

const isUsedAt =
  (provider: string) =>
  (account: AccountRow): boolean =>
    account.inUse && account.provider === provider;

async function loadDelivery(context: Context, grant: GrantRow): Promise<Delivery> {
  const { type } = await context.loaders.existing('Benefit', grant.benefitId);
  const kind = kindOf(context.kinds, type);
  const delivered = await loaderOf(context, kind).load(grant);
  const named = referencesOf(kind.delivers).flatMap(({ key, noun }) =>
    [delivered[key] ?? []].flat().map((id) => ({ noun, id })),
  );
  await Promise.all(named.map(({ noun, id }) => context.loaders.existing(noun, String(id))));
  return { kind, delivered };
}

const loaderOf = (context: Context, kind: Kind) =>
  context.loaders.once(`deliveries ${kind.type}`, () => {
    const read = async (grants: readonly GrantRow[]) => {
      const orders = await Promise.all(grants.map((grant) => orderOf(context, grant)));
      return kind.deliveries(context.means, orders as Order<Json, Json>[]);
    };
    return new DataLoader(read, { cacheKeyFn: ({ id }: GrantRow) => id });
  });

const prepared = ({ loaders }: Context) => loaders.once('prepared deliveries', () => new Map<string, Delivery>());
