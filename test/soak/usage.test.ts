import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as accessTokens from '../../src/domain/access-tokens.ts';
import * as meters from '../../src/domain/meters/meters.ts';
import { temporaryFolder } from '../support/folder.ts';
import { type House, openHouse } from '../support/house.ts';
import { spawnBoon } from '../support/process.ts';
import { TEST_SECRET } from '../support/secret.ts';

const BYTES = 1_000_000_000;
/** Until then the process grows into its work. */
const WARM_BYTES = 200_000_000;
const GROWTH_BYTES = 150_000_000;
const SAMPLE_MS = 250;

let house: House;
beforeAll(async () => {
  house = await openHouse({ startAt: new Date() });
});
afterAll(() => house[Symbol.asyncDispose]());

async function memoryOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1_024;
}

test('a gigabyte of usage is taken in a memory that does not grow with it', { timeout: 3_600_000 }, async () => {
  await using folder = await temporaryFolder();
  const { organizationId } = house;
  const { token } = await house.transaction((tx) => accessTokens.create(tx, { organizationId, name: 'x' }));
  const { id: customerId } = await house.customer();
  const { id: meterId } = await house.transaction((tx) =>
    meters.create(tx, { organizationId, name: 'Calls', aggregation: { function: 'COUNT' } }),
  );
  await using boon = spawnBoon({
    PATH: process.env.PATH ?? '',
    DATABASE_URL: house.url,
    BOON_SECRET: TEST_SECRET,
    DATA_DIR: folder.path,
    PORT: '0',
    DEMO: 'off',
  });
  await boon.says(/http\S+\/graphql/);
  const url = /http\S+(?=\/graphql)/.exec(boon.output())?.[0] ?? '';

  const metadata = { prompt: 'x'.repeat(450), answer: 'y'.repeat(450) };
  const line = Buffer.from(`${JSON.stringify({ name: 'call', customer: { id: customerId }, metadata })}\n`);
  const block = Buffer.concat(Array.from({ length: 100 }, () => line));
  const lines = Math.ceil(BYTES / block.length) * 100;
  let sent = 0;
  const body = new ReadableStream({
    pull(controller) {
      controller.enqueue(block);
      sent += block.length;
      if (sent >= BYTES) controller.close();
    },
  });
  let [before, most] = [0, 0];
  const sampling = setInterval(async () => {
    const now = await memoryOf(boon.child.pid ?? 0).catch(() => 0);
    if (sent < WARM_BYTES) before = Math.max(before, now);
    else most = Math.max(most, now);
  }, SAMPLE_MS);
  const response = await fetch(`${url}/usage.ndjson?batch=gigabyte`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body,
    duplex: 'half',
  } as RequestInit);
  const said = (await response.text()).trim().split('\n');
  clearInterval(sampling);
  expect(JSON.parse(said.at(-1) ?? '')).toEqual({ lines, ingested: lines, duplicates: 0, refused: 0, done: true });
  expect(most - before).toBeLessThan(GROWTH_BYTES);
  const balance = await house.prisma.creditBalance.findUniqueOrThrow({
    where: { customerId_meterId: { customerId, meterId } },
  });
  expect(balance.used.toFixed()).toBe(String(lines));
});
