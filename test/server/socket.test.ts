import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { print } from 'graphql';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { committedManifest } from '../../codegen.ts';
import { resume } from '../../src/client/resume.ts';
import { HOUR_MS } from '../../src/lib/time.ts';
import { documents } from '../operations/documents.ts';
import { meanwhile } from '../support/listen.ts';
import { type Node, openNode } from '../support/node.ts';
import { openSocket } from '../support/socket.ts';

const EVENTS = 'subscription ($after: String) { eventAppended(after: $after) { cursor id type data } }';
/** Long enough for whoever reads at all. */
const SLOW_MS = 1_500;
/** So many events of half a megabyte do not fit into what the system holds for a connection. */
const WEIGHTY = 50;

let node: Node;
let token: string;
beforeAll(async () => {
  node = await openNode();
  token = (await node.token()).token;
});
afterAll(() => node[Symbol.asyncDispose]());

describe('what a socket carries', () => {
  test('subscriptions, several at once, each ended by itself', async () => {
    const { hear, say, subscribe, socket } = await openSocket(node.url, { token });
    await hear('connection_ack');
    subscribe(EVENTS, { after: undefined }, 'a');
    subscribe(EVENTS, { after: undefined }, 'b');
    await expect.poll(() => node.following()).toBe(1);
    const both = async () => {
      for (const ids = new Set(); ids.size < 2; ) ids.add((await hear('next')).id);
    };
    await meanwhile(both(), () => node.happen());
    say({ type: 'complete', id: 'a' });
    say({ type: 'complete', id: 'b' });
    await expect.poll(() => node.following()).toBe(0);
    socket.close();
  });

  test.each(['{ __typename }', 'mutation { revokeAccessToken(input: { id: "x" }) { __typename } }'])(
    'and nothing else: %s',
    async (query) => {
      const { hear, subscribe, socket } = await openSocket(node.url, { token });
      await hear('connection_ack');
      subscribe(query);
      expect((await hear('error')).payload).toEqual([
        expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT', path: ['query'] } }),
      ]);
      socket.close();
    },
  );

  test('persisted operations, by documentId or by hash', async () => {
    const manifest = JSON.parse(await committedManifest()) as Record<string, string>;
    const [documentId = ''] =
      Object.entries(manifest).find(([, text]) => text.startsWith('subscription EventAppended')) ?? [];
    const { hear, subscribe, socket } = await openSocket(node.url, { token });
    await hear('connection_ack');
    const { data } = { data: { after: 'x' } };
    subscribe('', data, 'a', { documentId });
    subscribe('', data, 'b', { extensions: { persistedQuery: { version: 1, sha256Hash: documentId.slice(7) } } });
    for (let count = 0; count < 2; count++)
      expect((await hear('next')).payload.errors[0].extensions.path).toEqual(['after']);
    subscribe('', data, 'c', { documentId: createHash('sha256').digest('hex') });
    expect((await hear('error')).payload[0].extensions.code).toBe('PERSISTED_QUERY_NOT_FOUND');
    socket.close();
  });

  test('at most 50 subscriptions', async () => {
    const { hear, subscribe, socket } = await openSocket(node.url, { token });
    await hear('connection_ack');
    for (let count = 0; count < 51; count++) subscribe(EVENTS, {}, String(count));
    expect(await hear('error')).toMatchObject({ id: '50', payload: [{ extensions: { code: 'RATE_LIMITED' } }] });
    socket.close();
    await expect.poll(() => node.following()).toBe(0);
  });
});

describe('bad input', () => {
  const TOO_MUCH = {
    'thousands of aliases': `subscription { ${Array.from({ length: 2_500 }, (_, index) => `a${index}: eventAppended{id}`).join(' ')} }`,
    '100 levels': `subscription { ${'a {'.repeat(100)} a ${'}'.repeat(100)} }`,
  };
  test.each(Object.entries(TOO_MUCH))('%s are refused, and the socket stays', async (_what, query) => {
    const { hear, subscribe, socket } = await openSocket(node.url, { token });
    await hear('connection_ack');
    subscribe(query);
    expect((await hear('error')).payload[0].extensions.code).toBe('QUERY_TOO_COMPLEX');
    subscribe('subscription { nothing }', {}, 'two');
    expect((await hear('error')).payload[0].extensions.code).toBe('BAD_USER_INPUT');
    socket.close();
  });

  const OF_64_KIB = JSON.stringify({ type: 'ping' }).padEnd(64 * 1024);
  test('a message that is no message closes the socket with 4400, one of more than 64 KiB with 1009', async () => {
    for (const [text, code] of [
      ['{"type":', 4400],
      ['{"type":"nonsense"}', 4400],
      ['[]', 4400],
      [`${OF_64_KIB} `, 1009],
      ['x'.repeat(5_000_000), 1009],
    ] as const) {
      const { hear, socket, closed } = await openSocket(node.url, { token });
      await hear('connection_ack');
      socket.on('error', () => {});
      socket.send(text);
      expect((await closed).code).toBe(code);
    }
  });

  test('a message of 64 KiB is answered', async () => {
    const { hear, socket } = await openSocket(node.url, { token });
    await hear('connection_ack');
    socket.send(OF_64_KIB);
    expect(await hear('pong')).toEqual({ type: 'pong' });
    socket.close();
  });

  test('another protocol is not accepted, and another path is not found', async () => {
    const silent = new WebSocket(`${node.url.replace('http', 'ws')}/graphql`);
    expect((await once(silent, 'close'))[0]).toBe(4406);
    const old = new WebSocket(`${node.url.replace('http', 'ws')}/graphql`, 'graphql-ws');
    expect(String((await once(old, 'error'))[0])).toContain('subprotocol');
    const lost = new WebSocket(`${node.url.replace('http', 'ws')}/other`, 'graphql-transport-ws');
    expect(String((await once(lost, 'error'))[0])).toContain('404');
  });

  test('nothing of all this was logged as a failure of ours', () => {
    expect(node.lines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });
});

test('a slow reader is cut off with a code that tells it to resume, and nothing is missed', async () => {
  await using strict = await openNode({ of: node, patience: { listenersMs: SLOW_MS, pingMs: HOUR_MS } });
  const reader = await openSocket(strict.url, { token });
  await reader.hear('connection_ack');
  reader.subscribe(EVENTS);
  await expect.poll(() => strict.following()).toBe(1);
  await strict.happen();
  await reader.hear('next');
  reader.socket.pause();
  const data = { thing: { text: 'x'.repeat(500_000) } };
  for (let count = 0; count < WEIGHTY; count++) await strict.happen('thing.weighed', { data });
  await expect.poll(() => strict.following()).toBe(0);
  reader.socket.resume();
  expect(await reader.closed).toEqual({ code: 4290, reason: expect.stringContaining('SLOW_CONSUMER') });

  const told = reader.heard.map(({ payload }) => payload.data.eventAppended);
  expect(told.length).toBeLessThan(WEIGHTY);
  const again = await openSocket(node.url, { token });
  await again.hear('connection_ack');
  again.subscribe(EVENTS, { after: told.at(-1).cursor });
  while (told.length < WEIGHTY) told.push((await again.hear('next')).payload.data.eventAppended);
  again.socket.close();
  const where = { organizationId: node.organizationId, type: 'thing.weighed' };
  const logged = await node.database.prisma.event.findMany({
    where,
    orderBy: { sequence: 'asc' },
    select: { id: true },
  });
  expect(told.map(({ id }) => id)).toEqual(logged.map(({ id }) => id));
});

test('what we fail to tell is told when the client comes back, which it is made to do', async () => {
  const client = createClient({
    url: `${node.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { token },
    retryWait: async () => {},
  });
  const closes: number[] = [];
  client.on('closed', (event) => closes.push((event as { code: number }).code));
  const told: unknown[] = [];
  const query = `subscription ($after: String) { benefitGrantChanged(after: $after) { cursor change grant { id } } }`;
  const stop = resume<{ benefitGrantChanged: { change: string } }>(
    client,
    { query },
    {
      next: ({ data, errors }) => told.push(errors ?? data?.benefitGrantChanged.change),
      error: (error) => told.push(error),
      complete: () => told.push('complete'),
    },
  );
  await expect.poll(() => node.following()).toBe(1);
  const grant = await node.grant();
  await expect.poll(() => told.length).toBe(1);
  const { lookUpEach } = node.database;
  vi.spyOn(node.database, 'lookUpEach').mockImplementation((wanted) => {
    if (!wanted.name.endsWith('BenefitGrant by id') || closes.length > 0) return lookUpEach(wanted) as never;
    return Promise.reject(new Error('away'));
  });
  await node.happen('benefit_grant.cycled', { subjectId: grant.id });
  await node.happen('benefit_grant.updated', { subjectId: grant.id });
  await expect.poll(() => told.length).toBe(3);
  vi.mocked(node.database.lookUpEach).mockRestore();
  expect(told).toEqual(['CREATED', 'CYCLED', 'UPDATED']);
  expect(closes).toEqual([1013]);
  stop();
  await client.dispose();
});

test('a subscription that cannot begin because of us begins when the client comes back, which it is made to do', async () => {
  const client = createClient({
    url: `${node.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { token },
    retryWait: async () => {},
  });
  const read = node.database.read;
  vi.spyOn(node.database, 'read').mockImplementation((name, ...rest) => {
    if (name !== 'newest event') return read(name, ...rest) as never;
    vi.mocked(node.database.read).mockRestore();
    return Promise.reject(new Error('away'));
  });
  const told: unknown[] = [];
  await expect.poll(() => node.following()).toBe(0);
  const stop = resume(
    client,
    { query: EVENTS },
    { next: ({ data }) => told.push(data), error: (error) => told.push(error), complete: () => told.push('complete') },
  );
  await expect.poll(() => node.following()).toBe(1);
  await node.happen();
  await expect.poll(() => told.length).toBe(1);
  expect(told).toEqual([{ eventAppended: expect.objectContaining({ type: 'thing.happened' }) }]);
  stop();
  await client.dispose();
});

describe('when the process ends', () => {
  test('sockets are closed with 1001, and a stock client goes on at the next one without gap or double', async () => {
    let at = await openNode({ of: node });
    const told: string[] = [];
    const client = createClient({
      url: () => `${at.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { token },
      retryAttempts: 100,
      retryWait: () => new Promise((resolve) => setTimeout(resolve, 10)),
    });
    const closes: unknown[] = [];
    client.on('closed', (event) => closes.push((event as { code: number }).code));
    const query = print(documents.get('EventAppended') ?? { kind: 'Document' as never, definitions: [] });
    const stop = resume<{ eventAppended: { data: { id: string } } }>(
      client,
      { query, variables: { types: ['thing.counted'] } },
      {
        next: ({ data }) => told.push(data?.eventAppended.data.id ?? ''),
        error: (error) => told.push(String(error)),
        complete: () => told.push('complete'),
      },
    );
    const expected: string[] = [];
    const count = async () => {
      const id = String(expected.length + 1);
      expected.push(id);
      await node.happen('thing.counted', { data: { thing: { id } } });
    };
    await expect.poll(() => at.following()).toBe(1);
    await count();
    await expect.poll(() => told.length).toBe(1);
    for (let restart = 0; restart < 3; restart++) {
      const old = at;
      at = await openNode({ of: node });
      const closing = old[Symbol.asyncDispose]();
      for (let more = 0; more < 20; more++) await count();
      await closing;
    }
    await expect.poll(() => told.length).toBeGreaterThanOrEqual(expected.length);
    expect(told).toEqual(expected);
    expect(closes).toEqual([1001, 1001, 1001]);
    stop();
    await client.dispose();
    await at[Symbol.asyncDispose]();
  });
});
