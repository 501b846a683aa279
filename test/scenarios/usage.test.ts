import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { audit } from '../../src/domain/credits/audit.ts';
import * as customers from '../../src/domain/customers.ts';
import * as filling from '../../src/domain/meters/filling.ts';
import * as meters from '../../src/domain/meters/meters.ts';
import { adopt, adoptAtOnce } from '../../src/domain/usage/adoption.ts';
import type { Report } from '../../src/domain/usage/checking.ts';
import { ingest } from '../../src/domain/usage/ingestion.ts';
import { type House, openHouse } from '../support/house.ts';

let house: House;
beforeEach(async () => {
  house = await openHouse();
});
afterEach(async () => {
  expect(await audit(house.database)).toEqual([]);
  await house[Symbol.asyncDispose]();
});

const meter = (facts: Partial<Parameters<typeof meters.create>[1]> = {}) =>
  house.transaction((tx) =>
    meters.create(tx, {
      organizationId: house.organizationId,
      name: 'Tokens',
      aggregation: { function: 'SUM', property: 'tokens' },
      ...facts,
    }),
  );
const send = (events: readonly Report[]) =>
  house.transaction((tx) => ingest(tx, { organizationId: house.organizationId, events }));
const fill = async (meterId: string) => {
  while (await house.transaction((tx) => filling.fill(tx, { meterId })));
};
const come = (externalId: string) =>
  house.transaction(async (tx) => {
    const { organizationId } = house;
    const customer = await customers.create(tx, { organizationId, externalId, email: `${externalId}@example.com` });
    return adoptAtOnce(tx, customer);
  });
const used = async (customerId: string, meterId: string) => {
  const row = await house.prisma.creditBalance.findUnique({ where: { customerId_meterId: { customerId, meterId } } });
  return row && { used: row.used.toFixed(), balance: row.balance.toFixed() };
};

describe('usage and balances', () => {
  test('change together: whoever reads after the answer sees it', async () => {
    const [{ id: customerId }, { id: meterId }] = [await house.customer(), await meter()];
    const events = [0.1, 0.2, 0.7].map((tokens, n) => ({
      name: 'call',
      customer: { id: customerId },
      externalId: `call ${n}`,
      metadata: { tokens },
    }));
    await send(events);
    expect(await used(customerId, meterId)).toEqual({ used: '1', balance: '-1' });
    await send(events);
    expect(await used(customerId, meterId)).toEqual({ used: '1', balance: '-1' });
  });

  test('agree when the same batch is sent by many at once', async () => {
    const [{ id: customerId }, { id: meterId }] = [await house.customer(), await meter()];
    const events = Array.from({ length: 200 }, (_, n) => ({
      name: 'call',
      customer: { id: customerId },
      externalId: `call ${n}`,
      metadata: { tokens: 1 },
    }));
    await Promise.all(Array.from({ length: 10 }, () => send(events)));
    expect(await used(customerId, meterId)).toEqual({ used: '200', balance: '-200' });
  });

  test('a batch that is refused changes neither', async () => {
    const [{ id: customerId }, { id: meterId }] = [await house.customer(), await meter()];
    const call = { name: 'call', customer: { id: customerId }, metadata: { tokens: 5 } };
    await expect(send([call, { ...call, metadata: { tokens: -1 } }])).rejects.toThrow();
    expect(await used(customerId, meterId)).toBeNull();
    expect(await house.prisma.usageEvent.count({ where: { customerId } })).toBe(0);
  });

  test('a meter that does not add up burns nothing', async () => {
    const { id: customerId } = await house.customer();
    const { id: meterId } = await meter({ aggregation: { function: 'MAX', property: 'tokens' } });
    await send([{ name: 'call', customer: { id: customerId }, metadata: { tokens: 5 } }]);
    expect(await used(customerId, meterId)).toBeNull();
  });

  test('an archived meter measures nothing more, and its balances stay', async () => {
    const [{ id: customerId }, { id: meterId }] = [await house.customer(), await meter()];
    const call = { name: 'call', customer: { id: customerId }, metadata: { tokens: 5 } };
    await send([call]);
    await house.transaction((tx) => meters.archive(tx, { organizationId: house.organizationId, id: meterId }));
    expect(await send([call])).toEqual({ ingested: 1, duplicates: 0 });
    expect(await used(customerId, meterId)).toEqual({ used: '5', balance: '-5' });
  });

  test('every event is measured once: while meters begin, the past is measured, and customers come', async () => {
    const { id: ada } = await house.customer();
    const events = Array.from({ length: 300 }, (_, n) => ({
      name: 'call',
      customer: n % 2 === 0 ? { id: ada } : { externalId: `stranger-${n % 6}` },
      metadata: { tokens: 1 },
    }));
    const before = await Promise.all([send(events), send(events)]);
    expect(before.every(({ ingested }) => ingested === 300)).toBe(true);
    const making = [0, 1, 2].map(async () => {
      const { id } = await meter();
      await fill(id);
      return id;
    });
    const coming = [1, 3, 5].map((n) => come(`stranger-${n}`));
    const [meterIds, strangers] = await Promise.all([
      Promise.all(making),
      Promise.all(coming),
      ...Array.from({ length: 6 }, () => send(events)),
    ]);
    for (const meterId of meterIds) {
      expect((await used(ada, meterId))?.used).toBe('1200');
      for (const { id } of strangers) expect((await used(id, meterId))?.used).toBe('400');
    }
  });

  test('what waited for a customer is theirs page by page, once', async () => {
    const { id: meterId } = await meter();
    const batch = Array.from({ length: 1_000 }, () => ({
      name: 'call',
      customer: { externalId: 'ada' },
      metadata: { tokens: 1 },
    }));
    for (let turn = 0; turn < 3; turn++) await send(batch);
    const { id } = await come('ada');
    expect((await used(id, meterId))?.used).toBe('2000');
    const of = { customerId: id, externalId: 'ada' };
    while (await house.transaction((tx) => adopt(tx, of)));
    expect((await used(id, meterId))?.used).toBe('3000');
  });
});
