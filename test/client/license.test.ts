import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fileStore, isWellTyped, type LicenseOptions, openLicense, type Store } from '../../src/client/license.ts';
import * as activations from '../../src/domain/licenses/activations.ts';
import * as administration from '../../src/domain/licenses/administration.ts';
import { hasChecksum, newLicenseKey, normalizeLicenseKey } from '../../src/lib/license-key.ts';
import { DAY_MS, HOUR_MS } from '../../src/lib/time.ts';
import { type Node, openNode } from '../support/node.ts';
import { sellKey } from '../support/sold-key.ts';

/** Nobody listens there: a machine without a network. */
const NOWHERE = 'http://127.0.0.1:9';

let node: Node;
let folder: string;
let store: Store;
let now: number;
beforeAll(async () => {
  node = await openNode();
  folder = await mkdtemp(join(tmpdir(), 'boon-license-'));
});
beforeEach(() => {
  store = fileStore(join(folder, crypto.randomUUID(), 'license'));
  now = Date.now();
});
afterAll(async () => {
  await node[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const clock = () => now;
const check = (key: string, more: Partial<LicenseOptions> = {}) =>
  openLicense({ url: node.url, key, store, clock, ...more }).check();
const offline = (key: string, more: Partial<LicenseOptions> = {}) => check(key, { url: NOWHERE, ...more });
const disable = (id: string) =>
  node.transaction((tx) => administration.update(tx, { organizationId: node.organizationId, id, status: 'DISABLED' }));

describe('with a network', () => {
  test('it activates the machine once, and remembers', async () => {
    const { id, key } = await sellKey(node, { activations: { limit: 1 } });
    for (let start = 0; start < 3; start++) {
      expect(await check(key, { fingerprint: 'a', label: 'Laptop' })).toMatchObject({ licensed: true, code: 'VALID' });
      now += 2 * HOUR_MS;
    }
    expect(await node.database.prisma.licenseActivation.findMany({ where: { licenseKeyId: id } })).toMatchObject([
      { label: 'Laptop', fingerprint: 'a' },
    ]);
    const another = openLicense({ url: node.url, key, fingerprint: 'b' });
    expect(await another.check()).toMatchObject({ licensed: false, code: 'LIMIT_REACHED' });
    await openLicense({ url: node.url, key, store, fingerprint: 'a' }).release();
    expect(await another.check()).toMatchObject({ licensed: true });
  });

  test('a key that counts no machines needs no activation, and one that nobody has is refused', async () => {
    const { key } = await sellKey(node);
    expect(await check(key, { fingerprint: 'a' })).toMatchObject({ licensed: true });
    expect(await check('NOBODY')).toEqual({ licensed: false, code: 'NOT_FOUND', until: null });
    expect(await check('NOBODY', { fingerprint: 'a' })).toMatchObject({ licensed: false, code: 'NOT_FOUND' });
  });

  test('a refusal is heard after an hour at the latest, and forgets what was kept', async () => {
    const { id, key } = await sellKey(node);
    expect(await check(key)).toMatchObject({ licensed: true });
    await disable(id);
    expect(await check(key)).toMatchObject({ licensed: true });
    now += HOUR_MS;
    expect(await check(key)).toMatchObject({ licensed: false, code: 'DISABLED' });
    expect(await offline(key)).toMatchObject({ licensed: false, code: 'OFFLINE' });
  });

  test('a machine that was deactivated elsewhere is told so', async () => {
    const { id, key } = await sellKey(node, { activations: { limit: 1 } });
    await check(key, { fingerprint: 'a' });
    const { id: activationId } = await node.database.prisma.licenseActivation.findFirstOrThrow({
      where: { licenseKeyId: id },
    });
    await node.transaction((tx) => activations.deactivate(tx, { activationId }));
    now += HOUR_MS;
    expect(await check(key, { fingerprint: 'a' })).toMatchObject({ licensed: false, code: 'ACTIVATION_NOT_FOUND' });
  });
});

describe('without a network', () => {
  test('it runs on what was kept, then on grace, and no longer', async () => {
    const { key } = await sellKey(node);
    const days = { offlineMs: 3 * DAY_MS, graceMs: DAY_MS };
    expect(await offline(key, days)).toMatchObject({ licensed: false, code: 'OFFLINE' });
    await check(key, days);
    const start = now;
    for (const [day, licensed] of [
      [1, true],
      [2.9, true],
      [3.9, true],
      [4.1, false],
    ] as const) {
      now = start + day * DAY_MS;
      expect([day, (await offline(key, days)).licensed]).toEqual([day, licensed]);
    }
  });

  test('not on another machine, not for another key, not with a clock that was set back, not when tampered with', async () => {
    const [one, other] = [await sellKey(node, { activations: { limit: 2 } }), await sellKey(node)];
    await check(one.key, { fingerprint: 'a' });
    now += 2 * HOUR_MS;
    expect(await offline(one.key, { fingerprint: 'a' })).toMatchObject({ licensed: true, code: 'OFFLINE' });
    expect(await offline(one.key, { fingerprint: 'b' })).toMatchObject({ licensed: false });
    expect(await offline(other.key, { fingerprint: 'a' })).toMatchObject({ licensed: false });
    const start = now;
    now = start - 2 * DAY_MS;
    expect(await offline(one.key, { fingerprint: 'a' })).toMatchObject({ licensed: false });
    now = start;
    const kept = (await store.read()) ?? '';
    await store.write(kept.replace(/"license":"[^.]+\./, '"license":"e30.'));
    expect(await offline(one.key, { fingerprint: 'a' })).toMatchObject({ licensed: false });
    await store.write('{');
    expect(await offline(one.key, { fingerprint: 'a' })).toMatchObject({ licensed: false });
  });
});

test('what is kept is for this user alone', async () => {
  const path = join(folder, 'alone');
  await fileStore(path).write('secret');
  expect([(await stat(path)).mode & 0o777, await readFile(path, 'utf8')]).toEqual([0o600, 'secret']);
});

test('a typing mistake is told apart without asking anyone', async () => {
  for (let round = 0; round < 50; round++) {
    const key = newLicenseKey(round % 2 ? 'APP' : '');
    expect(await isWellTyped(key.toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l').replaceAll('-', ' '))).toBe(
      true,
    );
    const wrong = key.slice(0, -1) + (key.endsWith('A') ? 'B' : 'A');
    expect(await isWellTyped(wrong)).toBe(hasChecksum(normalizeLicenseKey(wrong)));
  }
  expect([await isWellTyped(''), await isWellTyped('OLD-KEY')]).toEqual([false, false]);
});
