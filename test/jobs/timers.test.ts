import { expect, test } from 'vitest';
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
  await using _ = openTimers({ ...house, transaction, bus, readMs: HOUR_MS });
  const url = 'http://127.0.0.1:1/';
  await transaction((tx) => endpoints.create(tx, { organizationId, url, events: ['thing.*'] }));
  for (const count of [1, 2, 3]) {
    await transaction(async (tx) => tx.append({ organizationId, type: 'thing.made', subjectId: 'one', data: {} }));
    await expect.poll(() => prisma.webhookDelivery.count(), { timeout: PATIENCE_MS }).toBe(count);
  }
});
