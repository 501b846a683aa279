import { expect, test } from 'vitest';
import * as organizations from '../../src/domain/organizations.ts';
import * as endpoints from '../../src/domain/webhooks/endpoints.ts';
import { openTimers } from '../../src/jobs/timers.ts';
import { HOUR_MS } from '../../src/lib/time.ts';
import { openMemoryBus } from '../../src/platform/bus-memory.ts';
import { openUnitOfWork } from '../../src/platform/unit-of-work.ts';
import { openHouse } from '../support/house.ts';
import { PATIENCE_MS } from '../support/patience.ts';

test('what happens is put in line for those who listen as soon as it has happened, without anybody looking', async () => {
  await using house = await openHouse();
  const { organizationId, prisma } = house;
  await using bus = openMemoryBus();
  const transaction = openUnitOfWork({ ...house, bus });
  await using _ = openTimers({ ...house, transaction, bus, readMs: HOUR_MS, hearMs: HOUR_MS });
  const url = 'http://127.0.0.1:1/';
  await transaction((tx) => endpoints.create(tx, { organizationId, url, events: ['thing.*'] }));
  for (const count of [1, 2, 3]) {
    await transaction(async (tx) => tx.append({ organizationId, type: 'thing.made', subjectId: 'one', data: {} }));
    await expect.poll(() => prisma.webhookDelivery.count(), { timeout: PATIENCE_MS }).toBe(count);
  }
});

test('what cannot be put in line for some organizations keeps nobody else’s waiting', async () => {
  await using house = await openHouse();
  await using bus = openMemoryBus();
  const transaction = openUnitOfWork({ ...house, bus });
  await using _ = openTimers({ ...house, transaction, bus, readMs: HOUR_MS, hearMs: HOUR_MS });
  const events = ['benefit_grant.*', 'thing.*'];
  // Several of each: in which order they are read is nobody's choice.
  const [broken, sound] = [new Set<string>(), new Set<string>()];
  for (const those of [broken, sound, broken, sound, broken, sound]) {
    const { id: organizationId } = await transaction((tx) => organizations.create(tx, { name: 'One of many' }));
    await transaction((tx) => endpoints.create(tx, { organizationId, url: 'http://127.0.0.1:1/', events }));
    those.add(organizationId);
  }
  await transaction(async (tx) => {
    for (const organizationId of broken)
      tx.append({ organizationId, type: 'benefit_grant.created', subjectId: 'broken', data: {} });
    for (const organizationId of sound) tx.append({ organizationId, type: 'thing.made', subjectId: 'sound', data: {} });
  });
  const heard = async () => {
    const rows = await house.prisma.webhookDelivery.findMany({ select: { organizationId: true } });
    return new Set(rows.map(({ organizationId }) => organizationId));
  };
  await expect.poll(heard, { timeout: PATIENCE_MS }).toEqual(sound);
});
