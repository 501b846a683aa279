import { z } from 'zod';
import { checkLivingMeter } from '../../domain/credits/meters.ts';
import * as credits from '../../domain/credits/pledging.ts';
import * as meters from '../../domain/meters/meters.ts';
import { defineKind, reference } from '../kind.ts';
import { done, needsMerchant, type Outcome } from '../outcome.ts';

const COUNT_LIMIT = 2_147_483_647;
const PRIORITY_LIMIT = 1_000_000;

const CreditRollover = z
  .object({
    max: z
      .int()
      .min(1)
      .max(COUNT_LIMIT)
      .nullish()
      .meta({ description: 'How many units are carried over at most; absent: all of them.' }),
  })
  .meta({ id: 'CreditRollover', description: 'What becomes of credits that are left when a period ends.' });

type Held = z.output<typeof Held>;
const Held = z.object({
  balanceId: z.string(),
  meterId: z.string(),
  units: z.number(),
  creditedAt: z.string(),
  period: z.string().nullable(),
});

/** Credits of a meter: usage burns them, and every period brings new ones. */
export default defineKind({
  type: 'meter_credit',
  name: 'MeterCredit',
  description: 'Credits that usage burns; a subscription brings them anew every period.',
  properties: z.object({
    meterId: reference('Meter', 'The meter whose usage burns the credits; one that counts or sums up.'),
    units: z.int().min(1).max(COUNT_LIMIT).meta({ description: 'How many units each period brings.' }),
    rollover: CreditRollover.nullish().meta({
      description: 'What is carried over into the next period; absent: nothing.',
    }),
    priority: z
      .int()
      .min(-PRIORITY_LIMIT)
      .max(PRIORITY_LIMIT)
      .default(0)
      .meta({ description: 'Credits with a lower one burn first.' }),
  }),
  example: {
    description: '10,000 API calls',
    properties: { meterId: 'met_example', units: 10_000 },
    held: {
      balanceId: 'bal_example',
      meterId: 'met_example',
      units: 10_000,
      creditedAt: '2026-01-01T00:00:00.000Z',
      period: null,
    },
    async furnish(tx, organizationId) {
      const aggregation = { function: 'COUNT' as const };
      const { id } = await meters.create(tx, { organizationId, name: 'API calls', aggregation });
      return { meterId: id, units: 10_000 };
    },
  },
  held: Held,
  delivers: z.object({ balanceId: reference('MeterBalance', 'What the customer has of the meter, from all sources.') }),
  check: async (tx, { organizationId, properties }) =>
    void (await checkLivingMeter(tx, { organizationId, ...properties })),
  keep: {
    where: 'rows',
    renews: true,
    async deliver(tx, orders) {
      const outcomes: Outcome<Held>[] = [];
      for (const { grant, customer, source, properties, period, reason, held, now } of orders) {
        const { meterId, units, priority, rollover = null } = properties;
        const kept = await credits.give(tx, {
          grantId: grant.id,
          customerId: customer.id,
          meterId,
          subscriptionId: source.type === 'subscription' ? source.id : null,
          period,
          isRenewal: reason === 'renew',
          units,
          priority,
          rollover,
        });
        if (!kept) {
          const message = 'The meter of these credits is archived; give the benefit another one.';
          outcomes.push(needsMerchant('METER_ARCHIVED', message, held ?? undefined));
          continue;
        }
        const { balanceId } = kept;
        const given = { balanceId, meterId, units, period: period?.start.toISOString() ?? null };
        const known = held && held.balanceId === balanceId && held.units === units && held.period === given.period;
        outcomes.push(done({ ...given, creditedAt: known ? held.creditedAt : now.toISOString() }));
      }
      return outcomes;
    },
    async withdraw(tx, orders) {
      for (const { grant } of orders) await credits.takeBack(tx, grant.id);
      return orders.map(({ held }) => done(held));
    },
  },
  deliveries: { from: 'held', tell: ({ balanceId }) => ({ balanceId }) },
  instructions: ({ benefit, properties }) =>
    `**${benefit.description}**: ${properties.units.toLocaleString('en')} credits${
      properties.rollover ? ', of which what is left is carried over' : ''
    }. Use them up; what is left of them is shown with your balance.`,
  wire: {
    properties: ({ units, rollover, meterId, priority }) => ({
      units,
      rollover: rollover != null,
      meter_id: meterId,
      rollover_max: rollover?.max ?? null,
      priority,
    }),
    grant: (held) =>
      held
        ? {
            last_credited_meter_id: held.meterId,
            last_credited_units: held.units,
            last_credited_at: held.creditedAt,
          }
        : {},
  },
});
