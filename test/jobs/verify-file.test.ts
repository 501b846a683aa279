import { afterAll, beforeAll, expect, test } from 'vitest';
import { kinds } from '../../src/benefits/kinds.ts';
import * as files from '../../src/domain/files/files.ts';
import { addSample } from '../../src/domain/files/samples.ts';
import { keyOf } from '../../src/domain/files/uploads.ts';
import { type House, openHouse } from '../support/house.ts';
import { merchantOf } from '../support/merchant.ts';
import { openWorker } from '../support/worker.ts';

let house: House;
let worker: AsyncDisposable;
beforeAll(async () => {
  house = await openHouse();
  worker = await openWorker({ url: house.url, kinds, clock: house.clock, storage: house.storage });
});
afterAll(async () => {
  await worker[Symbol.asyncDispose]();
  await house[Symbol.asyncDispose]();
});

test('a worker verifies by itself, and delivers to whoever was granted the file before', async () => {
  const { organizationId, prisma } = house;
  const id = await house.transaction((tx) => addSample(tx, { organizationId, name: 'Hello.txt', text: 'Hello!\n' }));
  const benefit = await house.benefit('downloadables', { fileIds: [id], earlierVersions: false });
  const { customer } = await merchantOf(house).subscriber([benefit.id]);
  const heldBy = async () => (await house.grants(customer.id))[0]?.held;
  await expect.poll(heldBy).toEqual({ files: [id] });
  const version = await prisma.fileVersion.findFirstOrThrow({ where: { fileId: id } });
  expect(version).toMatchObject({ status: 'READY', size: 7n, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(await house.storage.size(keyOf(version))).toBe(7);

  await house.transaction((tx) => files.remove(tx, { organizationId, id }));
  await expect.poll(() => house.storage.size(keyOf(version))).toBeNull();
  await expect.poll(heldBy).toEqual({ files: [] });
});
