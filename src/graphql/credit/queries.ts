import { balanceThen } from '../../domain/credits/past.ts';
import { BALANCE_COLUMNS, type BalanceRow } from '../../domain/credits/rows.ts';
import { type CustomerBy, columnOf } from '../../domain/customers.ts';
import type { Builder } from '../builder.ts';
import { type Context, organizationOf } from '../context.ts';
import { badUserInput } from '../errors.ts';
import { asOf } from './balance.ts';

export function defineBalanceQueries(builder: Builder): void {
  builder.queryField('meterBalance', (t) =>
    t.field({
      type: 'MeterBalance',
      nullable: true,
      description:
        'What a customer has of a meter; null when there is no such customer or meter. At a past instant it is what it was then, to the last number.',
      authScopes: { scope: 'meters:read', customer: true },
      args: {
        customer: t.arg({ type: 'CustomerBy', required: true, description: 'Whose balance.' }),
        meterId: t.arg.id({ required: true, description: 'Of which meter.' }),
        at: t.arg({
          type: 'DateTime',
          description: 'At which past instant; absent: now. Its entries and the forecast are those of now.',
        }),
      },
      resolve: async (_root, { customer, meterId, at }, context) => {
        const row = await findBalance(context, customer, meterId);
        if (!row || !at) return row;
        if (at > context.clock()) throw badUserInput('It lies in the future.', ['at']);
        return asOf(row, await balanceThen(context.database, row, at));
      },
    }),
  );
  builder.objectFields('Customer', (t) => ({
    meterBalances: t.field({
      type: ['MeterBalance'],
      description: 'What they have of each meter, oldest first.',
      resolve: ({ id }, _args, { loaders }) => loaders.children('balancesOfCustomer', id),
    }),
  }));
}

/** The balance that is meant, if the viewer may see it; an empty one where nothing has happened yet. */
export async function findBalance(context: Context, by: CustomerBy, meterId: string): Promise<BalanceRow | null> {
  const { viewer, database, loaders, clock } = context;
  const organizationId = organizationOf(context);
  const { column, value } = columnOf(by);
  // Asked for before every use of something that costs: one statement, and no ORM.
  const [found] = await database.read<BalanceRow & { owner: string }>(
    `balance by ${column}`,
    `SELECT c.id AS owner, ${BALANCE_COLUMNS} FROM "Customer" c
     JOIN "Meter" m ON m.id = $3 AND m."organizationId" = c."organizationId"
     LEFT JOIN "CreditBalance" t ON t."customerId" = c.id AND t."meterId" = m.id
     WHERE c."organizationId" = $1 AND c."${column}" = $2`,
    [organizationId, value, meterId],
  );
  if (!found || (viewer.is === 'customer' && found.owner !== viewer.customerId)) return null;
  if (!found.id) return nothing(organizationId, found.owner, meterId, clock());
  loaders.put('MeterBalance', found);
  return found;
}

const nothing = (organizationId: string, customerId: string, meterId: string, now: Date): BalanceRow => ({
  id: '',
  organizationId,
  customerId,
  meterId,
  balance: '0',
  overage: '0',
  used: '0',
  spent: '0',
  sequence: '0',
  asOf: now,
  createdAt: now,
  updatedAt: now,
  lots: [],
  holds: [],
});
