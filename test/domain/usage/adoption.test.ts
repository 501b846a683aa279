import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { audit } from '../../../src/domain/credits/audit.ts';
import * as customers from '../../../src/domain/customers.ts';
import * as filling from '../../../src/domain/meters/filling.ts';
import * as meters from '../../../src/domain/meters/meters.ts';
import { adoptAtOnce } from '../../../src/domain/usage/adoption.ts';
import { ingest } from '../../../src/domain/usage/ingestion.ts';
import { MINUTE_MS } from '../../../src/lib/time.ts';
import { type House, openHouse } from '../../support/house.ts';
import { waitingJobs } from '../../support/jobs.ts';

let house: House;
beforeEach(async () => {
  house = await openHouse();
});
afterEach(() => house[Symbol.asyncDispose]());

const meter = () =>
  house.transaction((tx) =>
    meters.create(tx, { organizationId: house.organizationId, name: 'Calls', aggregation: { function: 'COUNT' } }),
  );
const use = (count: number, externalId = 'ada') =>
  house.transaction((tx) =>
    ingest(tx, {
      organizationId: house.organizationId,
      events: Array.from({ length: count }, () => ({ name: 'call', customer: { externalId } })),
    }),
  );
const come = (externalId = 'ada') =>
  house.transaction(async (tx) => {
    const { organizationId } = house;
    const customer = await customers.create(tx, { organizationId, externalId, email: `${externalId}@example.com` });
    return adoptAtOnce(tx, customer);
  });
const owned = (customerId: string) => house.prisma.usageEvent.count({ where: { customerId } });

describe('usage of somebody unknown', () => {
  test('is theirs when they come, and what follows as well', async () => {
    await use(3);
    await use(2, 'grace');
    const { id } = await come();
    expect(await owned(id)).toBe(3);
    await use(1);
    expect(await owned(id)).toBe(4);
    expect(await house.prisma.usageEvent.count({ where: { customerId: null } })).toBe(2);
  });

  test('is theirs when they are given the external id later', async () => {
    await use(3);
    const { id } = await house.customer();
    await house.transaction(async (tx) =>
      adoptAtOnce(tx, await customers.update(tx, { organizationId: house.organizationId, id, externalId: 'ada' })),
    );
    expect(await owned(id)).toBe(3);
  });

  test('is nobody’s no more when they come while it is recorded', async () => {
    for (let turn = 0; turn < 10; turn++) {
      const name = `person${turn}`;
      const [{ id }] = await Promise.all([come(name), use(5, name), use(5, name)]);
      expect(await owned(id)).toBe(10);
    }
  });
});

describe('a meter made after its events', () => {
  const fill = async (meterId: string) => {
    while (await house.transaction((tx) => filling.fill(tx, { meterId })));
  };
  const progress = async (id: string) => {
    const { filled, toFill, filledAt } = await house.prisma.meter.findUniqueOrThrow({ where: { id } });
    return { filled, toFill, done: filledAt !== null };
  };

  test('looks at all that was recorded before, in pages, and tells how far it is', async () => {
    for (let batch = 0; batch < 3; batch++) await use(1_000);
    const { id } = await meter();
    expect(await progress(id)).toEqual({ filled: 0, toFill: null, done: false });
    await house.transaction((tx) => filling.fill(tx, { meterId: id }));
    expect(await progress(id)).toEqual({ filled: 2_000, toFill: 3_000, done: false });
    await use(10);
    await fill(id);
    expect(await progress(id)).toEqual({ filled: 3_000, toFill: 3_000, done: true });
    await fill(id);
    expect(await progress(id)).toEqual({ filled: 3_000, toFill: 3_000, done: true });
  });

  test('has nothing to do when there was none', async () => {
    expect(await progress((await meter()).id)).toEqual({ filled: 0, toFill: 0, done: true });
  });

  test('goes on when it is archived on the way, and counts nothing that was used afterwards', async () => {
    const { id: customerId } = await house.customer();
    const called = (count: number) =>
      house.transaction((tx) =>
        ingest(tx, {
          organizationId: house.organizationId,
          events: Array.from({ length: count }, () => ({ name: 'call', customer: { id: customerId } })),
        }),
      );
    for (let batch = 0; batch < 3; batch++) await called(1_000);
    const { id } = await meter();
    await called(7);
    await house.transaction((tx) => filling.fill(tx, { meterId: id }));
    await house.transaction((tx) => meters.archive(tx, { organizationId: house.organizationId, id }));
    await called(100);
    house.passTime(MINUTE_MS + 1);
    await house.transaction(filling.requestUnfilled);
    expect((await waitingJobs(house)).filter(({ name }) => name === filling.FILL_METER)).not.toEqual([]);
    await fill(id);
    expect(await progress(id)).toEqual({ filled: 3_000, toFill: 3_000, done: true });
    const balance = await house.prisma.creditBalance.findFirstOrThrow({ where: { customerId, meterId: id } });
    expect(balance.used.toFixed()).toBe('3007');
    expect(await audit(house.database)).toEqual([]);
  });
});
