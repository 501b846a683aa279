import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openS3 } from '../../src/providers/s3.ts';
import { openBrowser } from '../support/browser.ts';
import { type FileShop, openFileShop } from '../support/file-shop.ts';
import { openSwift } from '../support/swift.ts';

const SIZE = 20_000_000;
/** As the page makes it. */
const SHA256 = createHash('sha256').update(new Uint8Array(SIZE).fill(7)).digest('hex');

let browser: Browser;
let page: { url: string } & Disposable;
beforeAll(async () => {
  browser = await openBrowser();
  page = await openPage();
});
afterAll(async () => {
  page[Symbol.dispose]();
  await browser.close();
});

/** The client as a page of another origin loads it: its modules, without their types. */
async function openPage() {
  const server = createServer(async ({ url = '/' }, response) => {
    if (url === '/') return void response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>');
    const text = await readFile(new URL(`../../src/client${url}`, import.meta.url), 'utf8').catch(() => null);
    if (text === null) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': 'text/javascript' }).end(stripTypeScriptTypes(text));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    [Symbol.dispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function uploadFrom({ url, bearer, verify }: FileShop) {
  await using context = await browser.newContext();
  const tab = await context.newPage();
  await tab.exposeFunction('verify', (id: string) => verify(id));
  await tab.goto(page.url);
  const script = `(async ({ url, token, size }) => {
    const { uploadFile } = await import('/upload.ts');
    const phases = [];
    let began;
    const done = await uploadFile({ url, token }, {
      source: new File([new Uint8Array(size).fill(7)], 'from a page.bin', { type: 'image/png' }),
      name: 'from a page.bin',
      onBegin: (id) => { began = id },
      onProgress: ({ phase, bytes }) => {
        phases.push([phase, bytes]);
        if (phase === 'VERIFYING') window.verify(began);
      },
    });
    return { ...done, phases };
  })(${JSON.stringify({ url, token: bearer, size: SIZE })})`;
  return (await tab.evaluate(script)) as { id: string; sha256: string; phases: [string, number][] };
}

const check = async (shop: FileShop) => {
  const { id, sha256, phases } = await uploadFrom(shop);
  expect(sha256).toBe(SHA256);
  expect(phases.at(0)).toEqual(['UPLOADING', 0]);
  expect(phases.at(-1)).toEqual(['READY', SIZE]);
  expect(await shop.file(id, 'name status contentType')).toEqual({
    name: 'from a page.bin',
    status: 'READY',
    contentType: 'image/png',
  });
};

test('a page uploads to Boon itself', async () => {
  await using shop = await openFileShop();
  await check(shop);
});

test('a page uploads to an S3 service of another origin', async () => {
  await using swift = await openSwift();
  using storage = openS3(swift.settings);
  await using shop = await openFileShop({ storage });
  await check(shop);
});
