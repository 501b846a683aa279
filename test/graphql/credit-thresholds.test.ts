import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Api, openApi } from './api.ts';

let api: Api;
let meterId: string;
let customer: { id: string };
beforeAll(async () => {
  api = await openApi();
  customer = { id: (await api.customer()).id };
  const aggregation = { function: 'COUNT' };
  const { meter } = await api.call('createMeter', { name: 'Calls', aggregation }, 'meter { id }');
  meterId = meter.id;
});
afterAll(() => api[Symbol.asyncDispose]());

const told = async () =>
  (await api.prisma.event.findMany({ orderBy: { sequence: 'asc' } })).filter(
    ({ type }) => type === 'credit_balance.low',
  ).length;
const use = (units: string) => api.call('consumeCredits', { customer, meterId, units }, 'balance { balance }');

test('a level that is reached is told once, and again after it was left', async () => {
  await api.call('topUpCredits', { customer, meterId, units: '100' }, 'balance { balance }');
  const { id } = await api.call('createCreditThreshold', { meterId, customer, percent: '50' }, 'id');
  await use('49');
  expect(await told()).toBe(0);
  await use('1');
  expect(await told()).toBe(1);
  await use('10');
  expect(await told()).toBe(1);
  await api.call('topUpCredits', { customer, meterId, units: '100' }, 'balance { balance }');
  await use('60');
  expect(await told()).toBe(2);
  await api.call('deleteCreditThreshold', { id }, 'id');
  await api.call('topUpCredits', { customer, meterId, units: '1000' }, 'balance { balance }');
  await use('1000');
  expect(await told()).toBe(2);
  expect(await api.call('deleteCreditThreshold', { id }, 'id')).toMatchObject({ code: 'NOT_FOUND', path: ['id'] });
});

test.each([
  ['neither units nor percent', {}, ['units']],
  ['both', { units: '1', percent: '1' }, ['units']],
  ['less than nothing', { units: '-1' }, ['units']],
  ['more than everything', { percent: '101' }, ['percent']],
])('%s is refused where it stands', async (_, level, path) => {
  expect(await api.call('createCreditThreshold', { meterId, ...level }, 'id')).toMatchObject({
    code: 'INVALID_INPUT',
    path,
  });
});

test('a customer or meter of nobody is not found', async () => {
  const level = { units: '1' };
  expect(
    await api.call('createCreditThreshold', { meterId, customer: { id: 'cus_nobody' }, ...level }, 'id'),
  ).toMatchObject({ code: 'NOT_FOUND', path: ['customer'] });
  expect(await api.call('createCreditThreshold', { meterId: 'met_none', ...level }, 'id')).toMatchObject({
    code: 'NOT_FOUND',
    path: ['meterId'],
  });
});
