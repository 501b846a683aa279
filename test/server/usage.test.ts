import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as accessTokens from '../../src/domain/access-tokens.ts';
import * as customers from '../../src/domain/customers.ts';
import { type Node, openNode } from '../support/node.ts';

let node: Node;
let token: string;
let narrow: string;
let customerId: string;
let people = 0;
beforeAll(async () => {
  node = await openNode();
  const make = async (scopes: string[]) =>
    (
      await node.transaction((tx) =>
        accessTokens.create(tx, { organizationId: node.organizationId, name: 'x', scopes }),
      )
    ).token;
  [token, narrow] = [await make(['usage:write']), await make(['customers:read'])];
});
beforeEach(async () => {
  const email = `person${++people}@example.com`;
  customerId = (await node.transaction((tx) => customers.create(tx, { organizationId: node.organizationId, email })))
    .id;
});
afterAll(() => node[Symbol.asyncDispose]());

const line = (facts: object = {}) => `${JSON.stringify({ name: 'call', customer: { id: customerId }, ...facts })}\n`;
const file = (count: number, from = 0) =>
  Array.from({ length: count }, (_, n) => line({ metadata: { n: from + n } })).join('');
const count = () => node.database.prisma.usageEvent.count({ where: { customerId } });

async function send(body: string | ReadableStream, batch?: string, as = token) {
  const response = await fetch(`${node.url}/usage.ndjson${batch ? `?batch=${batch}` : ''}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${as}` },
    body,
    duplex: 'half',
  } as RequestInit);
  const text = await response.text();
  const lines = text
    .split('\n')
    .filter(Boolean)
    .map((said) => JSON.parse(said));
  return { status: response.status, lines, last: lines.at(-1) };
}

describe('a file of usage', () => {
  test('is taken while it is read, and says how far it is', async () => {
    const { status, lines } = await send(file(9_500));
    expect(status).toBe(200);
    const steps = lines.map(({ lines: number }) => number);
    expect(steps.length).toBeGreaterThan(3);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    for (const step of lines) expect(step).toMatchObject({ ingested: step.lines, duplicates: 0, refused: 0 });
    expect(lines.at(-1)).toEqual({ lines: 9_500, ingested: 9_500, duplicates: 0, refused: 0, done: true });
    expect(await count()).toBe(9_500);
  });

  test('is taken but for the lines with a mistake, which are named', async () => {
    const { lines, last } = await send(
      [
        line(),
        'nonsense\n',
        '\n',
        line({ customer: { id: 'cus_nobody' } }),
        line({ metadata: { n: null } }),
        line({ name: '\u0000' }),
        `${'x'.repeat(70_000)}\n`,
        line({ metadata: { n: 1 } }).replace('"n":1', '"n":1e400'),
        line({ metadata: { n: 1 } }).replace('"n":1', '"n":NaN'),
        line({ timestamp: '2999-01-01T00:00:00Z' }),
        line().trim(),
      ].join(''),
    );
    expect(lines.slice(0, -2).map(({ line: number, code, path }) => [number, code, path])).toEqual([
      [2, 'INVALID_INPUT', []],
      [4, 'NOT_FOUND', ['customer', 'id']],
      [5, 'INVALID_INPUT', ['metadata', 'n']],
      [6, 'INVALID_INPUT', ['name']],
      [7, 'INVALID_INPUT', []],
      [8, 'INVALID_INPUT', ['metadata', 'n']],
      [9, 'INVALID_INPUT', []],
      [10, 'INVALID_INPUT', ['timestamp']],
    ]);
    expect(last).toEqual({ lines: 11, ingested: 2, duplicates: 0, refused: 8, done: true });
  });

  test('sent again under its batch counts once', async () => {
    const whole = file(1_500);
    await send(whole, 'again');
    const { lines, last } = await send(whole, 'again');
    expect(lines[0]).toEqual({ lines: 1_500, ingested: 1_500, duplicates: 0, refused: 0, resumed: true });
    expect(last).toMatchObject({ lines: 1_500, done: true });
    expect(await count()).toBe(1_500);
  });

  test('that broke off goes on where it was', async () => {
    const gone = new AbortController();
    const broken = new ReadableStream({
      async start(controller) {
        controller.enqueue(Buffer.from(file(1_000)));
        controller.enqueue(Buffer.from(line().slice(0, 20)));
        await expect.poll(count).toBe(1_000);
        gone.abort();
        controller.error(new Error('broken off'));
      },
    });
    await expect(send(broken, 'broken')).rejects.toThrow();
    const { last } = await send(file(2_200), 'broken');
    expect(last).toEqual({ lines: 2_200, ingested: 2_200, duplicates: 0, refused: 0, done: true });
    expect(await count()).toBe(2_200);
    const kept = await node.database.prisma.usageEvent.findMany({
      where: { customerId },
      orderBy: { sequence: 'asc' },
    });
    expect(kept.map(({ metadata }) => metadata)).toEqual(Array.from({ length: 2_200 }, (_, n) => ({ n })));
  });

  test('sent by several at the same time under one batch counts once, and each gets to its end', async () => {
    const whole = `${file(4_999)}nonsense\n`;
    const answers = await Promise.all([1, 2, 3].map(() => send(whole, 'race')));
    for (const { last } of answers)
      expect(last).toEqual({ lines: 5_000, ingested: 4_999, duplicates: 0, refused: 1, done: true });
    const mistakes = answers.flatMap(({ lines }) => lines.filter(({ line: number }) => number));
    expect(mistakes).toMatchObject([{ line: 5_000 }]);
    expect(await count()).toBe(4_999);
    const kept = await node.database.prisma.usageEvent.findMany({
      where: { customerId },
      orderBy: { sequence: 'asc' },
    });
    expect(kept.map(({ metadata }) => metadata)).toEqual(Array.from({ length: 4_999 }, (_, n) => ({ n })));
  });

  test('goes on for who is slower than another with the same file', async () => {
    const slow = new ReadableStream({
      async start(controller) {
        controller.enqueue(Buffer.from(file(1_000)));
        await expect.poll(count).toBe(1_000);
        const { last } = await send(file(3_500), 'slow');
        expect(last).toMatchObject({ lines: 3_500, done: true });
        controller.enqueue(Buffer.from(file(3_000, 1_000)));
        controller.close();
      },
    });
    const { last } = await send(slow, 'slow');
    expect(last).toEqual({ lines: 4_000, ingested: 4_000, duplicates: 0, refused: 0, done: true });
    expect(await count()).toBe(4_000);
  });

  test('has an end, until it is sent with more lines than before', async () => {
    const finishedAt = async () =>
      (await node.database.prisma.usageImport.findFirstOrThrow({ where: { batch: 'longer' } })).finishedAt;
    await send(file(3), 'longer');
    const before = await finishedAt();
    expect(before).toBeInstanceOf(Date);
    await send(file(3), 'longer');
    expect(await finishedAt()).toEqual(before);
    const endless = new ReadableStream({
      async start(controller) {
        controller.enqueue(Buffer.from(file(1_003)));
        await expect.poll(count, { timeout: 10_000, interval: 10 }).toBe(1_003);
        expect(await finishedAt()).toBeNull();
        controller.close();
      },
    });
    expect((await send(endless, 'longer')).last).toMatchObject({ lines: 1_003, done: true });
    expect(await finishedAt()).not.toEqual(before);
  });

  test('of nothing is done', async () => {
    expect((await send('\n')).last).toEqual({ lines: 1, ingested: 0, duplicates: 0, refused: 0, done: true });
  });

  test('needs a token that may', async () => {
    expect(await send(line(), undefined, 'boon_at_nobody')).toMatchObject({
      status: 401,
      last: { code: 'UNAUTHENTICATED' },
    });
    expect(await send(line(), undefined, narrow)).toMatchObject({ status: 403, last: { code: 'FORBIDDEN' } });
    expect((await fetch(`${node.url}/usage.ndjson`)).status).toBe(405);
  });
});
