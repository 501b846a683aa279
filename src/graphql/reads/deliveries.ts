import DataLoader from 'dataloader';
import { kindOf } from '../../benefits/catalog.ts';
import type { FromOrders, Kind, Order } from '../../benefits/kind.ts';
import type { Context } from '../context.ts';
import { referencesOf } from '../zod-facts.ts';
import { orderOf } from './orders.ts';
import type { GrantRow } from './rows.ts';

type Json = Record<string, unknown>;

/** What a grant holds, and the kind that says so. */
export interface Delivery {
  kind: Kind;
  delivered: Json;
}

/** What a grant holds: at once, when it was prepared. */
export function deliveryOf(context: Context, grant: GrantRow): Delivery | Promise<Delivery> {
  const known = () => prepared(context).get(grant.id) as Delivery;
  return known() ?? prepareDeliveries(context, [grant]).then(known);
}

/** Reads what grants hold, and the nouns they name, at once, before anyone asks one by one. */
export async function prepareDeliveries(context: Context, grants: readonly GrantRow[]): Promise<void> {
  const { loaders, kinds } = context;
  const holding = grants.filter(({ held }) => held !== null);
  await loaders.prepare(
    'Benefit',
    holding.map(({ benefitId }) => benefitId),
  );
  const byType = Map.groupBy(holding, ({ benefitId }) => loaders.known('Benefit', benefitId)?.type ?? '');
  await Promise.all([...byType].map(([type, some]) => prepareKind(context, kindOf(kinds, type), some)));
}

async function prepareKind(context: Context, kind: Kind, grants: readonly GrantRow[]): Promise<void> {
  const deliveries = prepared(context);
  const delivered = await tell(context, kind, grants);
  for (const [index, { id }] of grants.entries()) deliveries.set(id, { kind, delivered: delivered[index] ?? {} });
  for (const { key, noun } of referencesOf(kind.delivers)) {
    const ids = delivered.flatMap((one) => (one[key] ?? []) as string | string[]);
    await context.loaders.prepare(noun, ids);
  }
}

/** What these grants hold, in their order. */
function tell(context: Context, kind: Kind, grants: readonly GrantRow[]): Json[] | Promise<Json[]> {
  const { deliveries } = kind;
  if (deliveries.from === 'held') return grants.map(({ held }) => deliveries.tell(held as Json));
  const loader = context.loaders.once(`orders of ${kind.type}`, () => openOrders(context, deliveries));
  return Promise.all(grants.map((grant) => loader.load(grant)));
}

/** Has kinds tell once of all grants that are asked about at the same time. */
function openOrders(context: Context, { tell }: FromOrders<Json, Json, Json>): DataLoader<GrantRow, Json> {
  const read = async (grants: readonly GrantRow[]) => {
    const orders = await Promise.all(grants.map((grant) => orderOf(context, grant)));
    return tell(context.means, orders as Order<Json, Json>[]);
  };
  return new DataLoader(read, { cacheKeyFn: ({ id }) => id as never });
}

const prepared = ({ loaders }: Context) => loaders.once('prepared deliveries', () => new Map<string, Delivery>());
