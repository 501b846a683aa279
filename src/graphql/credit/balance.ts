import type { Balance } from '../../domain/credits/book.ts';
import { balanceAt } from '../../domain/credits/past.ts';
import type { BalanceRow } from '../../domain/credits/rows.ts';
import { formatUnits, parseUnits } from '../../lib/units.ts';
import type { Builder } from '../builder.ts';
import { childPage, defineConnection, pageArgs } from '../connection.ts';
import type { Context } from '../context.ts';

/** `MeterBalance`: what a customer has of a meter, by the clock. */
export function defineBalance(builder: Builder): void {
  builder.objectType('CreditEntry', {
    description: 'A line of the ledger; never changed.',
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Names it.' }),
      type: t.expose('type', { type: 'CreditEntryType', description: 'What happened.' }),
      units: t.field({
        type: 'Decimal',
        description: 'By how much the balance changed; 0 where credits went of which none were left.',
        resolve: ({ units }) => plain(units),
      }),
      balance: t.field({
        type: 'Decimal',
        description: 'The balance afterwards.',
        resolve: ({ balance }) => plain(balance),
      }),
      note: t.exposeString('note', { nullable: true, description: 'What was noted about it.' }),
      at: t.expose('at', { type: 'DateTime', description: 'When it happened.' }),
    }),
  });
  defineConnection(builder, 'CreditEntry', 'entries');
  builder.objectType('MeterBalance', {
    description: 'What a customer has of a meter, from all sources. `balance` = `credited` - `consumed`.',
    fields: (t) => ({
      meter: t.field({
        type: 'Meter',
        description: 'The meter.',
        resolve: ({ meterId }, _args, { loaders }) => loaders.existing('Meter', meterId),
      }),
      customer: t.field({
        type: 'Customer',
        description: 'Whose it is.',
        resolve: ({ customerId }, _args, { loaders }) => loaders.existing('Customer', customerId),
      }),
      balance: t.field({
        type: 'Decimal',
        description: 'How many credits are left; below zero where more was used than there was.',
        resolve: (row, _args, context) => formatUnits(readBalance(context, row).balance),
      }),
      credited: t.field({
        type: 'Decimal',
        description: 'The amounts of all lots in force.',
        resolve: (row, _args, context) => formatUnits(readBalance(context, row).credited),
      }),
      consumed: t.field({
        type: 'Decimal',
        description: 'What of them is used, and overage.',
        resolve: (row, _args, context) => formatUnits(readBalance(context, row).consumed),
      }),
      held: t.field({
        type: 'Decimal',
        description: 'The part of the balance that is set aside; not to be spent by others.',
        resolve: (row, _args, context) => formatUnits(readBalance(context, row).held),
      }),
      overage: t.field({
        type: 'Decimal',
        description: 'Usage that no credits have paid for; the next ones pay it first.',
        resolve: (row, _args, context) => formatUnits(readBalance(context, row).overage),
      }),
      nextExpiryAt: t.field({
        type: 'DateTime',
        nullable: true,
        description:
          'When credits that are left end the next time; null: no end is known. Of a past instant: the end that was known when credits had last come, gone or been used.',
        resolve: (row, _args, context) => readBalance(context, row).nextExpiryAt,
      }),
      updatedAt: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'When it last changed; null: nothing has happened yet.',
        resolve: ({ id, updatedAt }) => (id ? updatedAt : null),
      }),
      entries: t.field({
        type: 'CreditEntryConnection',
        description: 'Its ledger, newest first.',
        args: pageArgs(t.arg),
        resolve: ({ id }, args, context) => childPage(context, 'entriesOfBalance', id, args),
      }),
    }),
  });
}

/** Read by a prepared statement, a decimal is text with all its places. */
const plain = (decimal: object | string): string => formatUnits(parseUnits(String(decimal)));

/** Balances as they were at an instant that was asked for. */
const past = new WeakMap<BalanceRow, Balance>();
const present = new WeakMap<BalanceRow, Balance>();

export function asOf(row: BalanceRow, balance: Balance): BalanceRow {
  const copy = { ...row };
  past.set(copy, balance);
  return copy;
}

/** The balance, worked out once for all its fields. */
function readBalance({ clock }: Context, row: BalanceRow): Balance {
  const known = past.get(row) ?? present.get(row);
  if (known) return known;
  const balance = balanceAt(row, clock());
  present.set(row, balance);
  return balance;
}
