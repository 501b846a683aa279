import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FileVersion } from '../../prisma/generated/client/client.ts';
import * as files from '../../src/domain/files/files.ts';
import * as uploads from '../../src/domain/files/uploads.ts';
import { complete, used } from '../../src/domain/files/versions.ts';
import { MINUTE_MS } from '../../src/lib/time.ts';
import { type House, openHouse } from '../support/house.ts';
import { noise } from '../support/noise.ts';
import { type BoonProcess, spawnCommand } from '../support/process.ts';

/** So late that what others were doing is taken for lost. */
const LATER_MS = 5 * MINUTE_MS;

const bytes = noise(100_000);
const sha256 = createHash('sha256').update(bytes).digest('hex');

let house: House;
beforeEach(async () => {
  house = await openHouse({ startAt: new Date() });
});
afterEach(() => house[Symbol.asyncDispose]());

async function startWorker(aheadMs = 0): Promise<BoonProcess> {
  const args = ['test/support/worker-process.ts', house.url, '', String(aheadMs), house.folder];
  const worker = spawnCommand([process.execPath, ...args], { PATH: process.env.PATH ?? '' });
  await worker.says('working');
  return worker;
}

/** A worker that cannot write down what became of a version, killed as soon as it has done `what` at the store. */
async function killAfter(version: FileVersion, what: () => boolean): Promise<void> {
  await house.prisma.$transaction(
    async (db) => {
      await db.$queryRaw`SELECT 1 FROM "FileVersion" WHERE id = ${version.id} FOR UPDATE`;
      await using doomed = await startWorker();
      await expect.poll(what).toBe(true);
      doomed.child.kill('SIGKILL');
      expect(await doomed.ended).toBe('SIGKILL');
      // What it had sent already dies with it, as it would with its machine.
      await db.$queryRaw`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    },
    { timeout: MINUTE_MS },
  );
}

const objectOf = (version: FileVersion) => join(house.folder, 'objects', ...uploads.keyOf(version).split('/'));
const now = (id: string) => house.prisma.fileVersion.findUniqueOrThrow({ where: { id } });
const newsOf = (fileId: string) => house.events({ subjectId: fileId });

/** A file whose bytes are all there, and of which that was said. */
async function uploaded(): Promise<FileVersion> {
  const { transaction, organizationId, storage, database } = house;
  const facts = { organizationId, name: 'a.bin', size: BigInt(bytes.length), sha256 };
  const { version } = await transaction((tx) => files.create(tx, facts, house.fileQuota));
  const upload = await uploads.open(database, storage, version);
  // Whoever receives bytes uses them up.
  const etag = (await storage.receive(upload, 1, Readable.from([Buffer.from(bytes)]))) ?? '';
  const begun = await now(version.id);
  await transaction((tx) => complete(tx, begun, [{ number: 1, etag }]));
  return begun;
}

test('killed after the store has put a file together and before that is written down, its heir finds it whole', async () => {
  const version = await uploaded();
  await killAfter(version, () => existsSync(objectOf(version)));
  expect(await now(version.id)).toMatchObject({ status: 'VERIFYING', sha256: null });

  await using _heir = await startWorker(LATER_MS);
  await expect.poll(async () => (await now(version.id)).status).toBe('READY');
  expect(await now(version.id)).toMatchObject({ sha256, failure: null });
  expect(await newsOf(version.fileId)).toEqual(['file.created', 'file.ready']);
});

test('killed before the store has heard that a file is deleted, and again before that is written down, its space comes back', async () => {
  const version = await uploaded();
  {
    await using _worker = await startWorker();
    await expect.poll(async () => (await now(version.id)).status).toBe('READY');
  }
  const { organizationId } = version;
  // Whatever becomes of the test, nobody who was stopped outlives it.
  await using stopped = await startWorker();
  stopped.child.kill('SIGSTOP');
  await house.transaction((tx) => files.remove(tx, { organizationId, id: version.fileId }));
  stopped.child.kill('SIGKILL');
  await stopped.ended;
  expect(existsSync(objectOf(version))).toBe(true);

  await killAfter(version, () => !existsSync(objectOf(version)));
  expect(await used(house.prisma, organizationId)).toBe(version.size);

  await using _heir = await startWorker(LATER_MS);
  await expect.poll(() => used(house.prisma, organizationId)).toBe(0n);
  expect(await newsOf(version.fileId)).toEqual(['file.created', 'file.ready', 'file.deleted']);
});
