import { type Forecast, forecast } from '../../domain/credits/forecast.ts';
import { type Statement, statement } from '../../domain/credits/statement.ts';
import { formatUnits } from '../../lib/units.ts';
import type { Builder } from '../builder.ts';
import { badUserInput } from '../errors.ts';
import { findBalance } from './queries.ts';

/** What was, and what is to be expected. */
export function defineStatement(builder: Builder): void {
  const expected = builder.objectRef<Forecast>('CreditForecast').implement({
    description: 'What is to be expected if usage goes on as in the last seven days, and no new credits come.',
    fields: (t) => ({
      perDay: t.field({
        type: 'Decimal',
        description: 'How many units a day are used.',
        resolve: ({ perDay }) => formatUnits(perDay),
      }),
      emptyAt: t.expose('emptyAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When nothing will be left; null: at this pace never.',
      }),
    }),
  });
  builder.objectField('MeterBalance', 'forecast', (t) =>
    t.field({
      type: expected,
      description: 'When it will be empty.',
      resolve: (row, _args, { database, clock }) => forecast(database, row, clock()),
    }),
  );

  const told = builder.objectRef<Statement>('CreditStatement').implement({
    description: 'What was entered in a time.',
    fields: (t) => ({
      openingBalance: t.field({
        type: 'Decimal',
        description: 'The balance right before it.',
        resolve: ({ openingBalance }) => openingBalance,
      }),
      closingBalance: t.field({
        type: 'Decimal',
        description: 'The balance at its end.',
        resolve: ({ closingBalance }) => closingBalance,
      }),
      csv: t.exposeString('csv', {
        description:
          'A line for each entry, oldest first, under the head `at,type,units,balance,cause,lot,note`: RFC 4180. More than 10,000 lines are refused with BAD_USER_INPUT.',
      }),
    }),
  });
  builder.queryField('creditStatement', (t) =>
    t.field({
      type: told,
      nullable: true,
      description: 'The ledger of a balance as a table; null when there is no such customer or meter.',
      authScopes: { scope: 'meters:read', customer: true },
      args: {
        customer: t.arg({ type: 'CustomerBy', required: true, description: 'Whose balance.' }),
        meterId: t.arg.id({ required: true, description: 'Of which meter.' }),
        from: t.arg({ type: 'DateTime', required: true, description: 'From when on.' }),
        to: t.arg({ type: 'DateTime', required: true, description: 'Until when, exclusive; not in the future.' }),
      },
      resolve: async (_root, { customer, meterId, from, to }, context) => {
        if (to > context.clock()) throw badUserInput('It lies in the future.', ['to']);
        const row = await findBalance(context, customer, meterId);
        return row && statement(context.database, row, { from, to });
      },
    }),
  );
}
