import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findDemo, seedDemo } from '../../src/benefits/demo.ts';
import { deliver } from '../../src/benefits/mail/delivery.ts';
import { mailsReader } from '../../src/domain/mails/reading.ts';
import { advance } from '../../src/domain/readers.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type Node, openNode } from '../support/node.ts';

let database: TestDatabase;
let node: Node;
let other: Node;

beforeAll(async () => {
  database = await testDatabase();
  const fresh = { databaseUrl: database.url, organizationId: '', time: { now: null } };
  node = await openNode({ of: fresh, demo: true });
  other = await openNode({ of: fresh, demo: false });
  const { transaction, kinds } = node;
  await seedDemo(
    node.means,
    transaction,
    kinds.filter(({ account }) => !account),
  );
  const people = await node.database.prisma.customer.findMany();
  for (const { id } of people) await node.settle(id);
  const { id: organizationId = '' } = (await findDemo(node.database)) ?? {};
  while (await transaction((tx) => advance(tx, mailsReader, organizationId)));
  for (const { id } of await node.database.prisma.mail.findMany())
    await deliver({ transaction, kinds, smtp: null }, id);
});
afterAll(async () => {
  await other[Symbol.asyncDispose]();
  await node[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

async function page(url: string, headers: Record<string, string> = {}) {
  const asked = request(url, { headers }).end();
  const answer = await new Promise<IncomingMessage>((resolve) => asked.once('response', resolve));
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) };
}

test('at this machine the page shows the mails of the demo organization, in a frame in which nothing runs', async () => {
  const { status, headers, body } = await page(`${node.url}/mails`);
  expect(status).toBe(200);
  expect(headers['content-security-policy']).toContain("default-src 'none'");
  expect(body.match(/@example\.com · kept/g)).toHaveLength(3);
  expect(body).toContain('<iframe sandbox title="The mail" srcdoc="&lt;!doctype html&gt;');
});

test('another one is opened by its id', async () => {
  const { body } = await page(`${node.url}/mails`);
  const ids = [...body.matchAll(/\?id=(mai_\w+)/g)].map(([, id]) => id);
  const opened = await page(`${node.url}/mails?id=${ids[2]}`);
  expect(opened.body).toContain(`?id=${ids[2]}" aria-current="true"`);
});

test.each<Record<string, string>>([{ host: 'evil.example' }, { 'x-forwarded-for': '127.0.0.1' }, { via: '1.1 proxy' }])(
  'to who says %j there is no such page',
  async (headers) => {
    expect((await page(`${node.url}/mails`, headers)).status).toBe(404);
  },
);

test('without the demo there is no such page', async () => {
  expect((await page(`${other.url}/mails`)).status).toBe(404);
});
