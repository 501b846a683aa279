import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Node, openNode } from '../support/node.ts';

let node: Node;
beforeAll(async () => {
  node = await openNode();
});
afterAll(() => node[Symbol.asyncDispose]());

const HEAD = 'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n';

/** Says something to a server, byte by byte as it stands here, and hears what it says until it hangs up. */
async function speak(text: string, url = node.url): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(text);
  return String(await Array.fromAsync(socket));
}

test.each(['a b', '[::', 'x:99999', 'a/b?c#d', ''])('a host that is none, %j, makes no difference', async (host) => {
  const query = encodeURIComponent('{ __typename }');
  const request = `GET /graphql?query=${query} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`;
  expect(await speak(request)).toMatch(/^HTTP\/1.1 200 OK.*{"data":{"__typename":"Query"}}/s);
});

test('who would rather speak HTTP/2 is answered in the version they asked in', async () => {
  const body = '{"query":"{ __typename }"}';
  const headers = `connection: close, upgrade\r\nupgrade: h2c\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`;
  expect(await speak(`POST /graphql HTTP/1.1\r\nhost: x\r\n${headers}\r\n\r\n${body}`)).toMatch(
    /^HTTP\/1.1 200 OK.*{"data":{"__typename":"Query"}}/s,
  );
});

test.each(['POST /graphql HTTP/1.1\r\n', `${HEAD}\r\n{`])(
  'a request that stops in the middle is ended: %j',
  async (start) => {
    await using hasty = await openNode({ of: node, patience: { headersMs: 100, requestMs: 200 } });
    expect(await speak(start, hasty.url)).toContain('408 Request Timeout');
  },
);

test('nothing of all this was logged as a failure of ours', () => {
  expect(node.lines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
});
