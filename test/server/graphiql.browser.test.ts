import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seedDemo } from '../../src/benefits/demo.ts';
import { openBrowser } from '../support/browser.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type Node, openNode } from '../support/node.ts';

let database: TestDatabase;
let node: Node;
let browser: Browser;
beforeAll(async () => {
  database = await testDatabase();
  const fresh = { databaseUrl: database.url, organizationId: '', time: { now: null } };
  node = await openNode({ of: fresh, demo: true });
  await seedDemo(
    node.means,
    node.transaction,
    node.kinds.filter(({ account }) => !account),
  );
  browser = await openBrowser();
}, 120_000);
afterAll(async () => {
  await browser.close();
  await node[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

test('one click runs the first example, and another visit finds it again', async () => {
  const tab = await browser.newPage();
  tab.setDefaultTimeout(60_000);
  for (const visit of ['first', 'second']) {
    await tab.goto(`${node.url}/graphiql`);
    await tab.getByRole('button', { name: /execute query/i }).click();
    await tab.locator('.graphiql-response').getByText('"ada@example.com"').waitFor();
    expect(await tab.locator('.graphiql-tab').count(), visit).toBe(5);
  }
}, 120_000);
