import { kindOf } from '../../benefits/catalog.ts';
import type { Order } from '../../benefits/kind.ts';
import { sourceType } from '../../benefits/order.ts';
import { sourceIdOf } from '../../domain/grants/facts.ts';
import type { Context } from '../context.ts';
import { type AccountRow, accountsOf } from './accounts.ts';
import type { GrantRow } from './rows.ts';

type Json = Record<string, unknown>;

/** A grant as its kind sees it. What many of them take is read at once. */
export async function orderOf(context: Context, grant: GrantRow): Promise<Order<Json, Json | null>> {
  const { loaders, clock, kinds } = context;
  const [benefit, customer, terms] = await Promise.all([
    loaders.existing('Benefit', grant.benefitId),
    loaders.existing('Customer', grant.customerId),
    loaders.existing('GrantTerms', grant.id),
  ]);
  const provider = kindOf(kinds, benefit.type).account;
  return {
    grant: terms,
    source: { type: sourceType(terms), id: sourceIdOf(terms) },
    customer,
    benefit,
    properties: benefit.properties as Json,
    held: grant.held as Json | null,
    account: provider ? ((await accountsOf(context, grant.customerId)).find(isUsedAt(provider)) ?? null) : null,
    period: terms.periodStart && { start: terms.periodStart, end: terms.periodEnd },
    reason: 'deliver',
    now: clock(),
  };
}

const isUsedAt =
  (provider: string) =>
  (account: AccountRow): boolean =>
    account.inUse && account.provider === provider;
