import { afterAll, beforeAll, expect, test } from 'vitest';
import * as accessTokens from '../../src/domain/access-tokens.ts';
import { audit } from '../../src/domain/credits/audit.ts';
import * as meters from '../../src/domain/meters/meters.ts';
import type { Ingested } from '../../src/domain/usage/ingestion.ts';
import { temporaryFolder } from '../support/folder.ts';
import { type House, openHouse } from '../support/house.ts';
import { type BoonProcess, spawnBoon } from '../support/process.ts';
import { TEST_SECRET } from '../support/secret.ts';

const LINES = 12_000;

let house: House;
let token: string;
beforeAll(async () => {
  house = await openHouse({ startAt: new Date() });
  const { organizationId } = house;
  token = (await house.transaction((tx) => accessTokens.create(tx, { organizationId, name: 'x' }))).token;
});
afterAll(() => house[Symbol.asyncDispose]());

async function start(dataDir: string): Promise<{ boon: BoonProcess; url: string }> {
  const boon = spawnBoon({
    PATH: process.env.PATH ?? '',
    DATABASE_URL: house.url,
    BOON_SECRET: TEST_SECRET,
    DATA_DIR: dataDir,
    PORT: '0',
    DEMO: 'off',
  });
  await boon.says(/http\S+\/graphql/);
  return { boon, url: /http\S+(?=\/graphql)/.exec(boon.output())?.[0] ?? '' };
}

/** What is said, line by line, as it is said; ends when the other side does. */
async function* send(url: string, body: string) {
  const response = await fetch(`${url}/usage.ndjson?batch=nightly`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body,
  });
  let text = '';
  for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line);
  }
}

test('killed while it takes a file, a server counts each line once when the file is sent again', async () => {
  await using folder = await temporaryFolder();
  const { id: customerId } = await house.customer();
  const { id: meterId } = await house.transaction((tx) =>
    meters.create(tx, { organizationId: house.organizationId, name: 'Calls', aggregation: { function: 'COUNT' } }),
  );
  const body = `${JSON.stringify({ name: 'call', customer: { id: customerId } })}\n`.repeat(LINES);
  const counted = () => house.prisma.usageEvent.count({ where: { customerId } });
  for (const until of [2_000, 6_000]) {
    const { boon, url } = await start(folder.path);
    await using _doomed = boon;
    const hearing = (async () => {
      for await (const { lines } of send(url, body)) if (lines > until) boon.child.kill('SIGKILL');
    })();
    await hearing.catch(() => {});
    boon.child.kill('SIGKILL');
    await boon.ended;
    const so = await counted();
    expect([so > until, so < LINES]).toEqual([true, true]);
  }
  const { boon, url } = await start(folder.path);
  await using _last = boon;
  const said = await Array.fromAsync(send(url, body));
  expect(said[0]).toMatchObject({ resumed: true });
  expect(said.at(-1)).toEqual({ lines: LINES, ingested: LINES, duplicates: 0, refused: 0, done: true });
  expect(await counted()).toBe(LINES);
  const balance = await house.prisma.creditBalance.findUniqueOrThrow({
    where: { customerId_meterId: { customerId, meterId } },
  });
  expect(balance.used.toFixed()).toBe(String(LINES));
});

test('killed while it takes batches, a server counts each once when all are sent again', async () => {
  await using folder = await temporaryFolder();
  const { id: customerId } = await house.customer();
  const { id: meterId } = await house.transaction((tx) =>
    meters.create(tx, { organizationId: house.organizationId, name: 'Calls', aggregation: { function: 'COUNT' } }),
  );
  const batches = Array.from({ length: 40 }, (_, batch) =>
    Array.from({ length: 250 }, (_, n) => ({
      name: 'call',
      customer: { id: customerId },
      externalId: `${customerId} ${batch} ${n}`,
    })),
  );
  /** Four at a time; answers what each was answered. */
  const sendAll = async (url: string, answered: (count: number) => void = () => {}) => {
    const [waiting, answers]: [typeof batches, Ingested[]] = [[...batches], []];
    const sender = async () => {
      for (let events = waiting.shift(); events; events = waiting.shift())
        answered(answers.push(await ingest(url, events)));
    };
    await Promise.all([sender(), sender(), sender(), sender()]);
    return answers;
  };
  {
    const { boon, url } = await start(folder.path);
    await using _doomed = boon;
    await expect(sendAll(url, (count) => void (count === 10 && boon.child.kill('SIGKILL')))).rejects.toThrow();
    await boon.ended;
  }
  const recorded = await house.prisma.usageEvent.count({ where: { customerId } });
  expect([recorded >= 2_500, recorded < 10_000, recorded % 250]).toEqual([true, true, 0]);
  const { boon, url } = await start(folder.path);
  await using _last = boon;
  const answers = await sendAll(url);
  const [ingested, duplicates] = (['ingested', 'duplicates'] as const).map((what) =>
    answers.reduce((sum, answer) => sum + answer[what], 0),
  );
  expect([ingested, duplicates]).toEqual([10_000 - recorded, recorded]);
  const balance = await house.prisma.creditBalance.findUniqueOrThrow({
    where: { customerId_meterId: { customerId, meterId } },
  });
  expect(balance.used.toFixed()).toBe('10000');
  expect(await audit(house.database)).toEqual([]);
});

async function ingest(url: string, events: object[]): Promise<Ingested> {
  const query = `mutation($input: IngestUsageInput!) {
    ingestUsage(input: $input) { ... on IngestUsagePayload { ingested duplicates } } }`;
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables: { input: { events } } }),
  });
  return (await response.json()).data.ingestUsage;
}
