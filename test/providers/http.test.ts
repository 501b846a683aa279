import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type Http, openHttp, type Post } from '../../src/providers/http.ts';
import type { Address, Inside } from '../../src/providers/http-addresses.ts';
import { type Answering, answer, openReceiver } from '../support/receiver.ts';

let cleanUp = new AsyncDisposableStack();
afterEach(async () => {
  await cleanUp.disposeAsync();
  cleanUp = new AsyncDisposableStack();
});

const caller = (inside: Inside = 'loopback', found?: Address[]): Http =>
  cleanUp.use(openHttp({ inside, ...(found && { lookup: async () => found }) }));
const receiver = async (answering?: Answering) => cleanUp.use(await openReceiver(answering));
const post = (http: Http, url: string, some: Partial<Post> = {}) =>
  http.post({ url, headers: { 'content-type': 'application/json' }, body: '{}', timeoutMs: 5_000, ...some });

/** A server that speaks no HTTP of its own accord. */
async function rawServer(onData: (socket: import('node:net').Socket) => void): Promise<string> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => onData(socket));
    cleanUp.defer(() => void socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUp.defer(() => void server.close());
  return `http://127.0.0.1:${(server.address() as { port: number }).port}/`;
}

describe('what comes back', () => {
  test('the body arrives as it was given, and the status and the beginning of the answer are told', async () => {
    const there = await receiver(answer(201, 'thanks'));
    const posted = await post(caller(), there.url, { body: '{"a":"ü"}', headers: { 'webhook-id': 'evt_1' } });
    expect(posted).toEqual({ status: 201, response: 'thanks', error: null, latencyMs: expect.any(Number) });
    expect(there.received[0]).toMatchObject({ method: 'POST', path: '/hooks', body: Buffer.from('{"a":"ü"}') });
    expect(there.received[0]?.headers).toMatchObject({ 'webhook-id': 'evt_1', 'content-length': '10' });
  });

  test('a redirect is an answer and is not followed', async () => {
    const elsewhere = await receiver();
    const there = await receiver((response) => void response.writeHead(307, { location: elsewhere.url }).end());
    expect(await post(caller(), there.url)).toMatchObject({ status: 307, error: null });
    expect(elsewhere.received).toEqual([]);
  });

  test('of a long answer the first 2 KB are kept, without what PostgreSQL cannot keep', async () => {
    const there = await receiver(
      (response) => void response.writeHead(200).end(Buffer.from(`a\0${'é'.repeat(5_000)}\xff`)),
    );
    const { response } = await post(caller(), there.url);
    expect(Buffer.byteLength(response ?? '')).toBeLessThanOrEqual(2_050);
    expect(response?.startsWith('a\uFFFDéé')).toBe(true);
    expect(response).not.toContain('\0');
    expect(response?.endsWith('é')).toBe(true);
  });

  test('bytes that are no text are kept as text', async () => {
    const there = await receiver(
      (response) => void response.end(Buffer.from([0xff, 0x00, 0xc3, 0x28, 0xed, 0xa0, 0x80])),
    );
    const { response } = await post(caller(), there.url);
    expect(response?.isWellFormed()).toBe(true);
    expect(response).not.toContain('\0');
  });

  test('an endless answer is cut off, and its status counts', async () => {
    let sent = 0;
    const chunk = Buffer.alloc(65_536, 'x');
    const there = await receiver((response) => {
      response.writeHead(200);
      const pour = () => {
        while (!response.destroyed && sent < 100 * 2 ** 20 && response.write(chunk)) sent += chunk.length;
      };
      response.on('drain', pour);
      pour();
    });
    expect(await post(caller(), there.url)).toMatchObject({ status: 200, response: 'x'.repeat(2_048), error: null });
    expect(sent).toBeLessThan(20 * 2 ** 20);
  });

  test('who breaks off after the status has answered all the same', async () => {
    const url = await rawServer((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this'));
    expect(await post(caller(), url)).toMatchObject({ status: 200, response: 'only this', error: null });
  });
});

describe('what does not come back', () => {
  const silent: Answering = () => {};
  const trickle: Answering = (response) => {
    response.writeHead(200);
    const drip = setInterval(() => response.write('.'), 10);
    response.on('close', () => clearInterval(drip));
  };

  test.each([
    ['never answers', silent],
    ['answers byte by byte', trickle],
    [
      'answers 200 too late',
      ((response, _, { socket }) => socket.once('close', () => response.end('ok'))) as Answering,
    ],
  ])('who %s is cut off when the time for all of it is up', async (_, answering) => {
    const there = await receiver(answering);
    const posted = await post(caller(), there.url, { timeoutMs: 150 });
    expect(posted).toMatchObject({ status: null, error: 'There was no whole answer within 0.15 seconds.' });
  });

  test('a header that never ends is cut off', async () => {
    const url = await rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const drip = setInterval(() => socket.write('x: y\r\n'), 5);
      socket.on('close', () => clearInterval(drip));
    });
    expect(await post(caller(), url, { timeoutMs: 150 })).toMatchObject({ status: null });
  });

  test.each([
    ['no HTTP', 'nonsense\0\r\n\r\n'],
    ['nothing', ''],
    ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'],
  ])('%s is told as an error', async (_, said) => {
    const posted = await post(caller(), await rawServer((socket) => socket.end(said)));
    expect(posted).toMatchObject({ status: null, response: null, error: expect.any(String) });
    expect(posted.error).not.toContain('\0');
  });

  test('a closed port, a name nobody knows and a lookup that hangs are told as errors', async () => {
    expect(await post(caller(), 'http://127.0.0.1:1/')).toMatchObject({
      error: expect.stringContaining('ECONNREFUSED'),
    });
    const unknown = openHttp({
      inside: 'none',
      lookup: () => Promise.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND', hostname: 'nowhere.example' })),
    });
    expect(await post(unknown, 'http://nowhere.example/')).toMatchObject({
      error: 'Nobody knows the host nowhere.example.',
    });
    const hangs = openHttp({ inside: 'none', lookup: () => new Promise(() => {}) });
    expect(await post(hangs, 'http://slow.example/', { timeoutMs: 50 })).toMatchObject({ status: null });
  });

  test('a call is broken off by whoever made it', async () => {
    const there = await receiver(silent);
    const control = new AbortController();
    const posting = post(caller(), there.url, { signal: control.signal });
    await there.hears(1);
    control.abort();
    expect(await posting).toMatchObject({ status: null });
  });
});

test('a connection is used again', async () => {
  const sockets = new Set<unknown>();
  const there = await receiver((response, _, request) => {
    sockets.add(request.socket);
    response.end();
  });
  const http = caller();
  for (const _ of [1, 2, 3]) expect(await post(http, there.url)).toMatchObject({ status: 200 });
  expect(sockets.size).toBe(1);
});

test('when the other side closes a connection just as it is used again, another one is made', async () => {
  const there = await receiver((response, _, request) => {
    response.end();
    if (there.received.length === 1) request.socket.once('data', () => request.socket.resetAndDestroy());
  });
  const http = caller();
  for (const _ of [1, 2, 3]) expect(await post(http, there.url)).toMatchObject({ status: 200 });
});

describe('addresses inside', () => {
  const LOOPBACK = [
    'http://127.0.0.1',
    'http://127.1',
    'http://127.0.0.1.',
    'http://127.8.8.8',
    'http://0x7f000001',
    'http://0x7f.1',
    'http://2130706433',
    'http://0177.0.0.1',
    'http://017700000001',
    'http://１２７.0.0.1',
    'http://127。0。0。1',
    'http://[::1]',
    'http://[0:0:0:0:0:0:0:1]',
    'http://[::ffff:127.0.0.1]',
    'http://[::ffff:7f00:1]',
    'http://[64:ff9b::127.0.0.1]',
    'http://localhost',
    'http://LOCALHOST.',
    'http://a.localhost',
  ];
  const PRIVATE = [
    'http://10.0.0.1',
    'http://172.16.0.1',
    'http://172.31.255.255',
    'http://192.168.1.1',
    'http://100.64.0.1',
    'http://0xa000001',
    'http://[fc00::1]',
    'http://[fd12:3456::1]',
    'http://[::ffff:10.0.0.1]',
    'http://[64:ff9b::a00:1]',
  ];
  const NEVER = [
    'http://0.0.0.0',
    'http://0',
    'http://[::]',
    'http://169.254.169.254',
    'http://[fe80::1]',
    'http://[::ffff:a9fe:a9fe]',
    'http://224.0.0.1',
    'http://255.255.255.255',
    'http://240.0.0.1',
    'http://192.0.2.1',
    'http://198.18.0.1',
    'http://[ff02::1]',
    'http://[fec0::1]',
    'http://[2002:7f00:1::]',
    'http://[2001::1]',
    'http://[::7f00:1]',
    'http://[100::1]',
    'http://[2001:db8::1]',
    'http://[64:ff9b:1::1]',
    'http://[::ffff:0:127.0.0.1]',
  ];

  test.each([...LOOPBACK, ...PRIVATE, ...NEVER])(
    '%s is refused, where it is named and where it is called',
    async (url) => {
      const http = caller('none');
      expect(await http.problem(url)).toMatch(/is not an address of the public internet|is this machine/);
      expect(await post(http, url)).toMatchObject({
        status: null,
        error: expect.stringMatching(/is not an address|this machine/),
      });
    },
  );

  test.each([...PRIVATE, ...NEVER])('%s is refused where only this machine is allowed', async (url) => {
    expect(await caller('loopback').problem(url)).toContain('is not an address of the public internet');
  });

  test.each([...LOOPBACK, ...PRIVATE])('%s can be named where all of it is allowed', async (url) => {
    expect(await caller('private').problem(url)).toBeNull();
  });

  test.each(NEVER)('%s is refused whatever is allowed', async (url) => {
    expect(await caller('private').problem(url)).toContain('is not an address of the public internet');
  });

  test.each<[string, Address[]]>([
    ['one', [{ address: '10.0.0.1', family: 4 }]],
    [
      'one beside a public one',
      [
        { address: '8.8.8.8', family: 4 },
        { address: '::ffff:10.0.0.1', family: 6 },
      ],
    ],
  ])('a name that leads to %s is refused, where it is named and where it is called', async (_, found) => {
    const http = caller('none', found);
    expect(await http.problem('http://hooks.example')).toContain('10.0.0.1'.slice(0, 2));
    expect(await post(http, 'http://hooks.example')).toMatchObject({ error: expect.stringContaining('(private)') });
  });

  test('a name that is looked up as something else by the time of the call is refused then', async () => {
    const there = await receiver();
    const answers: Address[][] = [[{ address: '8.8.8.8', family: 4 }], [{ address: '127.0.0.1', family: 4 }]];
    const http = cleanUp.use(openHttp({ inside: 'none', lookup: async () => answers.shift() ?? [] }));
    const url = there.url.replace('127.0.0.1', 'rebinding.example');
    expect(await http.problem(url)).toBeNull();
    expect(await post(http, url)).toMatchObject({ status: null, error: expect.stringContaining('127.0.0.1') });
    expect(there.received).toEqual([]);
  });

  test('what was checked is what is connected to: nothing is looked up twice', async () => {
    const there = await receiver();
    let asked = 0;
    const lookup = async (): Promise<Address[]> => [{ address: ++asked === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 }];
    const http = cleanUp.use(openHttp({ inside: 'loopback', lookup }));
    expect(await post(http, there.url.replace('127.0.0.1', 'hooks.example'))).toMatchObject({ status: 204 });
    expect(asked).toBe(1);
  });

  test('a name nobody knows yet can be named', async () => {
    const http = openHttp({ inside: 'none', lookup: () => Promise.reject(new Error('ENOTFOUND')) });
    expect(await http.problem('https://soon.example')).toBeNull();
  });
});
