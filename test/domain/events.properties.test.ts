import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/lib/time.ts';
import { creditsOf } from '../support/credits.ts';
import { type House, openHouse } from '../support/house.ts';
import { merchantOf } from '../support/merchant.ts';
import { newsOf, type Told } from '../support/news.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

/** A customer with two plans, an order and a gift, each of them with credits of one meter; and what may happen to them. */
async function openLife() {
  const [merchant, credits] = [merchantOf(house), creditsOf(house)];
  const meterId = await credits.meter();
  const creditsBenefit = await credits.benefit(meterId, 10, { rollover: { max: 5 } });
  const [license, note] = [await house.benefit('license_keys', {}), await house.benefit()];
  const products = [
    await house.product([license.id, creditsBenefit.id]),
    await house.product([creditsBenefit.id, note.id]),
  ];
  await credits.threshold(meterId, { percent: '50' });
  const { id } = await house.customer();
  const inDays = (days: number) => new Date(house.time.now.getTime() + days * DAY_MS);
  const end = inDays(2);
  const subscription = await merchant.subscribe(id, products[0]?.id ?? '', { currentPeriodEnd: end });
  const order = await merchant.buy(id, products[1]?.id ?? '', { amount: '10' });
  const grant = async (place: number) => (await house.grants(id))[place]?.id ?? '';
  let count = 0;
  const happenings: Record<string, () => Promise<unknown>> = {
    settle: () => house.settle(id),
    cancel: () => merchant.cancel(subscription.id),
    'cancel at the end': () => merchant.cancel(subscription.id, true),
    uncancel: () => merchant.uncancel(subscription.id),
    'another plan': () => merchant.changeProduct(subscription.id, products[1]?.id ?? ''),
    'the first plan': () => merchant.changeProduct(subscription.id, products[0]?.id ?? ''),
    pause: () => merchant.report(subscription.id, { status: 'PAUSED' }),
    resume: () => merchant.report(subscription.id, { status: 'ACTIVE' }),
    renew: () => merchant.renew(subscription.id, { periodStart: house.time.now, periodEnd: inDays(2) }),
    refund: () => merchant.refund({ orderId: order.id, amount: '5' }),
    'refund all': () => merchant.refund({ subscriptionId: subscription.id }),
    give: () => merchant.give(id, creditsBenefit.id),
    'give for a day': () => merchant.give(id, creditsBenefit.id, { expiresAt: inDays(1) }),
    revoke: async () => merchant.revoke(await grant(1)),
    lift: async () => merchant.lift(await grant(1)),
    edit: () => merchant.editBenefit(creditsBenefit.id, { meterId, units: 10 + (++count % 3), priority: 0 }),
    reorder: () =>
      merchant.setBenefits(
        products[0]?.id ?? '',
        count++ % 2 ? [license.id, creditsBenefit.id] : [creditsBenefit.id, license.id],
      ),
    use: () => credits.use(id, meterId, 7),
    consume: () => credits.consume(id, meterId, '4'),
    'top up': () => credits.topUp(id, meterId, '3', { expiresAt: inDays(1) }),
    hold: () => credits.hold(id, meterId, '1', inDays(1)),
    correct: () => credits.adjust(id, meterId, '-2', 'A mistake'),
    'an hour passes': async () => house.passTime(HOUR_MS),
    'a day passes': async () => house.passTime(DAY_MS),
    tick: () => credits.tick(),
  };
  const calm = async () => {
    await credits.tick();
    await house.settle(id);
    await credits.tick();
  };
  return { id, happenings, calm };
}
type Life = Awaited<ReturnType<typeof openLife>>;

const NAMES = [
  ...[
    'settle',
    'settle',
    'settle',
    'cancel',
    'cancel at the end',
    'uncancel',
    'another plan',
    'the first plan',
    'pause',
  ],
  ...[
    'resume',
    'renew',
    'renew',
    'refund',
    'refund all',
    'give',
    'give for a day',
    'revoke',
    'lift',
    'edit',
    'reorder',
  ],
  ...['use', 'consume', 'top up', 'hold', 'correct', 'an hour passes', 'a day passes', 'tick'],
];

/** What is broken by the rules of business changes nothing; whatever else fails, fails. */
async function live({ happenings, calm }: Life, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await happenings[name]?.().catch((error: { code?: string }) => {
      if (!error.code || !/^[A-Z_]+$/.test(error.code)) throw error;
    });
  }
  await calm();
}

/** What it says, but for when it was last written. */
const saying = ({ type, data }: Told): string =>
  JSON.stringify([type, data], (name, value) =>
    ['updatedAt', 'changed', 'nextExpiryAt'].includes(name) ? undefined : value,
  );

const twice = (told: readonly Told[], name: (one: Told) => string): string[] => {
  const names = told.map(name);
  return names.filter((one, index) => names.indexOf(one) < index);
};

test('whatever happens, states and balances are told once a transaction, and nothing twice in a row', async () => {
  const { of: toldOf } = newsOf(house);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...NAMES), { minLength: 5, maxLength: 20 }), async (names) => {
      const life = await openLife();
      await live(life, names);
      const told = await toldOf(life.id);
      const sums = told.filter(({ type }) => type === 'customer.state_changed' || type === 'credit_balance.changed');
      expect(twice(sums, ({ type, transaction, subjectId }) => `${type} ${transaction} ${subjectId}`)).toEqual([]);
      // That credits are used up is told with what the customer has, also where that was seen coming.
      const depleted = told.filter(({ type }) => type === 'credit_balance.depleted').map((one) => one.transaction);
      const news = told.filter((one) => one.type !== 'customer.state_changed' || !depleted.includes(one.transaction));
      for (const about of Map.groupBy(news, subjectOf).values()) {
        const said = about.map(saying);
        expect(said.filter((one, index) => one === said[index - 1])).toEqual([]);
      }
      await life.calm();
      expect(await toldOf(life.id)).toHaveLength(told.length);
    }),
    // Always the same lives: a rare one that breaks this is to be found by whoever looks for it, and not by chance.
    { numRuns: 8, seed: SEED },
  );
});

const SEED = 20_261_127;

/** Of a balance, each type is a series of its own: it is low and has changed at once. */
const subjectOf = ({ type, subjectId }: Told): string =>
  type.startsWith('credit') ? `${type} ${subjectId}` : subjectId;
