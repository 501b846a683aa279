import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as grants from '../../src/domain/grants/verbs.ts';
import * as administration from '../../src/domain/licenses/administration.ts';
import { openNode } from '../support/node.ts';
import { type BoonProcess, spawnBoon } from '../support/process.ts';
import { openRedis } from '../support/redis.ts';
import { sellKey } from '../support/sold-key.ts';

const REFUSED_WITHIN_MS = 1_000;

let node: Awaited<ReturnType<typeof openNode>>;
let redis: Awaited<ReturnType<typeof openRedis>>;
let processes: BoonProcess[];
let urls: string[];

/** Two processes over one database. What changes a license under them is a third one, whose bell nobody hears. */
beforeAll(async () => {
  node = await openNode();
  redis = await openRedis();
  const env = {
    PATH: process.env.PATH ?? '',
    DATABASE_URL: node.databaseUrl,
    REDIS_URL: redis.url,
    BOON_SECRET: 'a secret that is only good for tests',
    PORT: '0',
    DEMO: 'off',
    RATE_LIMITS: 'off',
    LOG_LEVEL: 'silent',
  };
  processes = [spawnBoon(env), spawnBoon(env)];
  await Promise.all(processes.map((one) => one.says('Ctrl-C')));
  urls = processes.map((one) => /http\S+\/graphql/.exec(one.output())?.[0] ?? '');
});
afterAll(async () => {
  await Promise.all(processes.map((one) => one[Symbol.asyncDispose]()));
  await redis[Symbol.asyncDispose]();
  await node[Symbol.asyncDispose]();
});

interface Told {
  __typename?: string;
  valid?: boolean;
  code?: string;
  usage?: number;
  activation?: { id: string };
}

async function ask(url: string, field: string): Promise<Told> {
  const body = JSON.stringify({ query: field });
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const { data, errors } = (await response.json()) as { data: { told: Told }; errors?: unknown };
  if (errors) throw new Error(JSON.stringify(errors));
  return data.told;
}

/** So many by a hundred at once, from both processes in turn. */
async function storm(count: number, field: (at: number) => string): Promise<Told[]> {
  const told: Told[] = [];
  let next = 0;
  const caller = async () => {
    for (let at = next++; at < count; at = next++) told[at] = await ask(urls[at % urls.length] ?? '', field(at));
  };
  await Promise.all(Array.from({ length: 100 }, caller));
  return told;
}

const activate = (key: string, more = '') =>
  `mutation { told: activateLicenseKey(input: { key: "${key}", label: "A"${more} }) {
    __typename ... on ActivateLicenseKeyPayload { activation { id } } ... on UserError { code } } }`;
const consume = (key: string, more = '') =>
  `mutation { told: consumeLicenseKey(input: { key: "${key}", units: 1${more} }) { valid code usage } }`;
const validate = (key: string) => `{ told: validateLicenseKey(input: { key: "${key}" }) { valid code } }`;
const usageOf = async (id: string) =>
  (await node.database.prisma.licenseKey.findUniqueOrThrow({ where: { id } })).usage;

describe('two processes, everyone at once', () => {
  test('a thousand activations on a limit of five: five', async () => {
    const { key } = await sellKey(node, { activations: { limit: 5 } });
    const told = await storm(1_000, () => activate(key));
    expect(told.filter(({ activation }) => activation)).toHaveLength(5);
    expect(new Set(told.map(({ code }) => code))).toEqual(new Set([undefined, 'LIMIT_REACHED']));
  });

  test('a hundred of the same machine: one activation', async () => {
    const { key } = await sellKey(node, { activations: { limit: 5 } });
    const told = await storm(100, () => activate(key, ', fingerprint: "f"'));
    expect(new Set(told.map(({ activation }) => activation?.id)).size).toBe(1);
  });

  test('a thousand consumers of the last ten units: ten', async () => {
    const { id, key } = await sellKey(node, { limitUsage: 10 });
    const told = await storm(1_000, () => consume(key));
    expect(told.filter(({ valid }) => valid)).toHaveLength(10);
    expect(await usageOf(id)).toBe(10);
  });

  test('repeats of one consumption: one', async () => {
    const { id, key } = await sellKey(node, { limitUsage: 10 });
    const told = await storm(200, () => consume(key, ', idempotencyKey: "k"'));
    expect(new Set(told.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await usageOf(id)).toBe(1);
  });

  test('a rotation among a thousand consumptions: one budget', async () => {
    const { id, key } = await sellKey(node, { limitUsage: 600 });
    const rotate = async () => {
      await node.transaction((tx) =>
        administration.rotate(tx, { organizationId: node.organizationId, id, graceDays: 1 }),
      );
      const { sealed } = await node.database.prisma.licenseKey.findUniqueOrThrow({
        where: { id },
        select: { sealed: true },
      });
      return node.keyring.open(sealed);
    };
    const [first, rotated] = await Promise.all([storm(500, () => consume(key)), rotate()]);
    const told = [...first, ...(await storm(500, (at) => consume(at % 4 < 2 ? key : rotated)))];
    expect(told.filter(({ valid }) => valid)).toHaveLength(600);
    expect(await usageOf(id)).toBe(600);
  });
});

describe('a license that is revoked while it is in full use is refused everywhere within a second', () => {
  test.each(['with Redis', 'without Redis'])('%s', async (circumstance) => {
    const { key, grantId } = await sellKey(node);
    if (circumstance === 'without Redis') await redis[Symbol.asyncDispose]();
    const stop = new AbortController();
    const lastValid = new Map<string, number>();
    const load = async (url: string) => {
      while (!stop.signal.aborted) {
        const askedAt = performance.now();
        if ((await ask(url, validate(key))).valid) lastValid.set(url, Math.max(lastValid.get(url) ?? 0, askedAt));
      }
    };
    const revoke = async () => {
      await expect.poll(() => lastValid.size).toBe(urls.length);
      await node.transaction((tx) => grants.revoke(tx, { organizationId: node.organizationId, id: grantId }));
      const revokedAt = performance.now();
      for (const url of urls) await expect.poll(async () => (await ask(url, validate(key))).code).toBe('REVOKED');
      return revokedAt;
    };
    const callers = urls.flatMap((url) => Array.from({ length: 16 }, () => load(url)));
    const [revokedAt] = await Promise.all([revoke().finally(() => stop.abort()), ...callers]);
    const late = Math.max(...lastValid.values()) - revokedAt;
    console.log(`Refused on both nodes ${circumstance}: ${Math.max(0, Math.round(late))} ms after the revocation.`);
    expect(late).toBeLessThan(REFUSED_WITHIN_MS);
  });
});

test('what a process has counted is written down when it is stopped, all of it', async () => {
  const { id, key } = await sellKey(node);
  const [stopped] = processes;
  const [url = ''] = urls;
  for (let count = 0; count < 50; count++) await ask(url, validate(key));
  stopped?.child.kill('SIGTERM');
  await stopped?.ended;
  expect(await node.database.prisma.licenseTally.findUnique({ where: { licenseKeyId: id } })).toMatchObject({
    validations: 50n,
  });
});
