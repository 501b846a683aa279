import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY_MS } from '../../src/lib/time.ts';
import { type Credits, creditsOf } from '../support/credits.ts';
import { type Api, customerViewer, openApi } from './api.ts';

let api: Api;
let credits: Credits;
beforeAll(async () => {
  api = await openApi();
  credits = creditsOf(api);
});
afterAll(async () => {
  await credits.expectAgreement();
  await api[Symbol.asyncDispose]();
});

const holder = async (units: string) => {
  const [{ id }, meterId] = [await api.customer(), await credits.meter()];
  await credits.topUp(id, meterId, units);
  return { customer: { id }, meterId };
};
const SEEN = 'balance { balance credited consumed held overage }';

describe('credits', () => {
  test('are topped up, consumed, adjusted and held', async () => {
    const named = await holder('10');
    const call = async (name: string, input: object) => (await api.call(name, input, SEEN)).balance;
    expect(await call('topUpCredits', { ...named, units: '0.5' })).toMatchObject({ balance: '10.5' });
    expect(await call('consumeCredits', { ...named, units: '0.25' })).toMatchObject({
      balance: '10.25',
      consumed: '0.25',
    });
    expect(await call('adjustCredits', { ...named, units: '-20', note: 'Fraud' })).toMatchObject({ overage: '9.75' });
    expect(await call('adjustCredits', { ...named, units: '20', note: 'No fraud' })).toMatchObject({
      balance: '10.25',
    });
    const { hold, balance } = await api.call(
      'holdCredits',
      { ...named, units: '4' },
      `hold { id state units } ${SEEN}`,
    );
    expect([hold, balance]).toMatchObject([
      { state: 'OPEN', units: '4' },
      { held: '4', balance: '10.25' },
    ]);
    expect(await call('commitCreditHold', { id: hold.id, units: '1.25' })).toMatchObject({ held: '0', balance: '9' });
  });

  test('that are not there are refused, with how many there are', async () => {
    const named = await holder('10');
    const refused = await api.call('consumeCredits', { ...named, units: '11' }, SEEN);
    expect(refused).toMatchObject({
      __typename: 'InsufficientCreditsError',
      code: 'INSUFFICIENT_CREDITS',
      path: ['units'],
    });
  });

  test('are consumed once under a key, however often and however many at once', async () => {
    const named = await holder('10');
    const consume = (units: string, idempotencyKey: string) =>
      api.call('consumeCredits', { ...named, units, idempotencyKey }, SEEN);
    const all = await Promise.all(Array.from({ length: 20 }, () => consume('3', 'a')));
    expect(new Set(all.map((each) => each.balance.balance))).toEqual(new Set(['7']));
    expect(await consume('3.0', 'a')).toMatchObject({ balance: { balance: '7' } });
    expect(await consume('2', 'a')).toMatchObject({ code: 'CONFLICT', path: ['idempotencyKey'] });
    expect(await consume('8', 'b')).toMatchObject({ code: 'INSUFFICIENT_CREDITS' });
    expect(await consume('7', 'b')).toMatchObject({ balance: { balance: '0' } });
    expect(await consume('7', '')).toMatchObject({ code: 'INVALID_INPUT', path: ['idempotencyKey'] });
  });

  test.each([
    ['nothing', 'consumeCredits', { units: '0' }, ['units']],
    ['less than nothing', 'consumeCredits', { units: '-1' }, ['units']],
    ['nobody', 'consumeCredits', { customer: { id: 'cus_nobody' } }, ['customer']],
    ['another meter', 'consumeCredits', { meterId: 'met_none' }, ['meterId']],
    ['less than nothing', 'topUpCredits', { units: '-1' }, ['units']],
    ['what has ended', 'topUpCredits', { expiresAt: '2020-01-01T00:00:00Z' }, ['expiresAt']],
    ['an impossible priority', 'topUpCredits', { priority: 2_000_000_000 }, ['priority']],
    ['nobody', 'topUpCredits', { customer: { email: 'nobody@example.com' } }, ['customer']],
    ['nothing', 'adjustCredits', { units: '0', note: 'x' }, ['units']],
    ['without a reason', 'adjustCredits', { note: ' ' }, ['note']],
    ['with an endless reason', 'adjustCredits', { note: 'x'.repeat(501) }, ['note']],
    ['another meter', 'topUpCredits', { meterId: 'met_none' }, ['meterId']],
    ['another meter', 'adjustCredits', { meterId: 'met_none', note: 'x' }, ['meterId']],
    ['another meter', 'holdCredits', { meterId: 'met_none' }, ['meterId']],
    ['less than nothing', 'holdCredits', { units: '-1' }, ['units']],
    ['more than there is', 'holdCredits', { units: '11' }, ['units']],
    ['nothing', 'holdCredits', { units: '0' }, ['units']],
    ['until yesterday', 'holdCredits', { expiresAt: '2020-01-01T00:00:00Z' }, ['expiresAt']],
    ['no hold', 'commitCreditHold', null, ['id']],
    ['no hold', 'releaseCreditHold', null, ['id']],
  ])('%s is refused by %s', async (_, name, wrong, path) => {
    const named = await holder('10');
    const input = wrong ? { ...named, units: '1', ...wrong } : { id: 'hld_none' };
    expect(await api.call(name, input, SEEN)).toMatchObject({ path });
  });

  test.each<[string, object, string[]]>([
    ['no meter of theirs', { meterId: 'met_none' }, ['meterId']],
    ['nothing', { units: 0 }, ['units']],
    ['less than nothing', { units: -5 }, ['units']],
    ['a rollover of nothing', { rollover: { max: 0 } }, ['rollover', 'max']],
    ['an impossible priority', { priority: 1_000_001 }, ['priority']],
  ])('are promised by no benefit with %s', async (_, wrong, path) => {
    const properties = { meterCredit: { meterId: await credits.meter(), units: 10, ...wrong } };
    expect(await api.call('createBenefit', { description: 'Calls', properties }, '__typename')).toMatchObject({
      path: ['properties', 'meterCredit', ...path],
    });
  });

  test('are promised of no meter that does not add up, and of none that is archived', async () => {
    const promise = (meterId: string) =>
      api.call(
        'createBenefit',
        { description: 'Calls', properties: { meterCredit: { meterId, units: 10 } } },
        '__typename',
      );
    const aggregation = { function: 'MAX', property: 'n' };
    const { meter } = await api.call('createMeter', { name: 'Highest', aggregation }, 'meter { id }');
    const path = ['properties', 'meterCredit', 'meterId'];
    expect(await promise(meter.id)).toMatchObject({ code: 'INVALID_INPUT', path });
    const archived = await credits.meter();
    await api.call('archiveMeter', { id: archived }, '__typename');
    expect(await promise(archived)).toMatchObject({ code: 'CONFLICT', path });
  });

  test.each(['NaN', '1e400', '1.0000000000000000001', '123456789012345678901', ''])(
    '%s is no number of units',
    async (units) => {
      const named = await holder('10');
      const { errors } = await api.ask(
        'mutation($input: ConsumeCreditsInput!) { consumeCredits(input: $input) { __typename } }',
        { input: { ...named, units } },
      );
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    },
  );

  test('of a meter that is archived stay to be used up, and get no more', async () => {
    const named = await holder('10');
    await api.call('archiveMeter', { id: named.meterId }, 'meter { id }');
    expect(await api.call('topUpCredits', { ...named, units: '1' }, SEEN)).toMatchObject({
      code: 'CONFLICT',
      path: ['meterId'],
    });
    expect(await api.call('consumeCredits', { ...named, units: '1' }, SEEN)).toMatchObject({
      balance: { balance: '9' },
    });
  });
});

describe('a balance', () => {
  const BALANCE = `query($customer: CustomerBy!, $meterId: ID!, $at: DateTime) { meterBalance(customer: $customer, meterId: $meterId, at: $at) {
    meter { id } balance held nextExpiryAt updatedAt forecast { perDay emptyAt } entries(first: 2) { totalCount edges { node { type units balance note at } } } } }`;

  test('where nothing has happened is nothing; of nobody it is null; of the future it is refused', async () => {
    const [{ id }, meterId] = [await api.customer(), await credits.meter()];
    const { meterBalance } = await api.get(BALANCE, { customer: { id }, meterId });
    expect(meterBalance).toMatchObject({
      meter: { id: meterId },
      balance: '0',
      updatedAt: null,
      entries: { totalCount: 0 },
    });
    expect(await api.get(BALANCE, { customer: { id: 'cus_nobody' }, meterId })).toEqual({ meterBalance: null });
    expect(await api.get(BALANCE, { customer: { id }, meterId: 'met_none' })).toEqual({ meterBalance: null });
    const { errors } = await api.ask(BALANCE, { customer: { id }, meterId, at: '2999-01-01T00:00:00Z' });
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', path: ['at'] } }]);
  });

  test('has its ledger, a statement and a forecast', async () => {
    const { customer, meterId } = await holder('100');
    const from = api.clock().toISOString();
    api.passTime(2 * DAY_MS);
    await api.call('adjustCredits', { customer, meterId, units: '-20', note: '=1+1, "so"' }, SEEN);
    await credits.use(customer.id, meterId, 20);
    const { meterBalance } = await api.get(BALANCE, { customer, meterId });
    expect(meterBalance).toMatchObject({
      balance: '60',
      forecast: { perDay: '10', emptyAt: new Date(api.time.now.getTime() + 6 * DAY_MS).toISOString() },
      entries: {
        totalCount: 3,
        edges: [{ node: { type: 'USED', units: '-20', balance: '60' } }, { node: { type: 'ADJUSTED' } }],
      },
    });
    const past = await api.get(BALANCE, { customer, meterId, at: from });
    expect(past.meterBalance.balance).toBe('100');
    const STATEMENT = `query($customer: CustomerBy!, $meterId: ID!, $from: DateTime!, $to: DateTime!) {
      creditStatement(customer: $customer, meterId: $meterId, from: $from, to: $to) { openingBalance closingBalance csv } }`;
    api.passTime(1);
    const { creditStatement } = await api.get(STATEMENT, { customer, meterId, from, to: api.clock().toISOString() });
    expect(creditStatement).toMatchObject({ openingBalance: '0', closingBalance: '60' });
    const lines = creditStatement.csv.split('\r\n');
    expect(lines).toHaveLength(5);
    expect(lines[2]).toContain(`"'=1+1, ""so"""`);
  });

  test('that time has changed stands so in its statement, whether or not that has been written down', async () => {
    const { customer, meterId } = await holder('100');
    const from = api.clock().toISOString();
    await credits.topUp(customer.id, meterId, '20', { expiresAt: new Date(api.time.now.getTime() + DAY_MS) });
    api.passTime(2 * DAY_MS);
    const STATEMENT = `query($customer: CustomerBy!, $meterId: ID!, $from: DateTime!, $to: DateTime!) {
      creditStatement(customer: $customer, meterId: $meterId, from: $from, to: $to) { openingBalance closingBalance csv } }`;
    const told = async (to = api.clock()) =>
      (await api.get(STATEMENT, { customer, meterId, from, to: to.toISOString() })).creditStatement;
    const before = await told();
    expect(before).toMatchObject({ openingBalance: '0', closingBalance: '100' });
    const last = before.csv.trimEnd().split('\r\n').at(-1);
    expect(last).toMatch(/,EXPIRED,-20,100,,lot_\w+,$/);
    await credits.tick();
    expect(await told()).toEqual(before);
    expect((await told(new Date(api.time.now.getTime() - DAY_MS))).csv).not.toContain('EXPIRED');
  });

  test('is seen by its customer, and by no other', async () => {
    const { customer, meterId } = await holder('7');
    const self = customerViewer(api.organizationId, customer.id);
    const other = customerViewer(api.organizationId, (await api.customer()).id);
    expect((await api.get(BALANCE, { customer, meterId }, self)).meterBalance).toMatchObject({ balance: '7' });
    expect(await api.get(BALANCE, { customer, meterId }, other)).toEqual({ meterBalance: null });
    const { currentCustomer } = await api.get(
      '{ currentCustomer { meterBalances { meter { id } balance } } }',
      {},
      self,
    );
    expect(currentCustomer).toEqual({ meterBalances: [{ meter: { id: meterId }, balance: '7' }] });
  });

  test('is read by as many statements for many customers as for one', async () => {
    const named = [await holder('1'), await holder('2'), await holder('3')];
    const LIST = '{ customers(first: 3) { edges { node { id meterBalances { balance } } } } }';
    const { customers } = await api.get(LIST);
    const balances = customers.edges.map(
      ({ node }: { node: { meterBalances: { balance: string }[] } }) => node.meterBalances[0]?.balance,
    );
    expect(balances).toEqual(named.map((_, index) => String(3 - index)));
  });
});
