import { createHash } from 'node:crypto';
import { createReadStream, openAsBlob } from 'node:fs';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uploadFile } from '../src/client/upload.ts';
import { startPlain } from './files/plain.ts';
import { openBoon } from './support/boon.ts';
import { median, milliseconds, table, times, whole } from './support/numbers.ts';
import { writeTable } from './support/readme.ts';

/** Files through Boon's own folder, beside plain Node that streams the same bytes to and from the same disk. */
const SIZE = Number(process.argv[2] ?? 1_024) * 1_024 ** 2;
const PARALLEL = 4;
const ROUNDS = 3;
const FIRST_BYTES = 200;
/** As the folder writes and reads. */
const CHUNK = 1_048_576;

await using stack = new AsyncDisposableStack();
const folder = await mkdtemp(join(tmpdir(), 'boon-bench-files-'));
stack.defer(() => rm(folder, { recursive: true, force: true }));
const path = join(folder, 'source');
{
  await using file = await open(path, 'w');
  const block = Buffer.alloc(CHUNK);
  for (let at = 0; at < SIZE; at += CHUNK) {
    block.writeUInt32LE(at / CHUNK);
    await file.write(block, 0, Math.min(CHUNK, SIZE - at), at);
  }
}
const source = await openAsBlob(path);
await using boon = await openBoon();
const plain = stack.use(await startPlain(folder, path));
const token = boon.headers.authorization?.slice('Bearer '.length) ?? '';
const { origin } = new URL(boon.url);

const found = {
  up: [] as number[],
  down: [] as number[],
  plainUp: [] as number[],
  plainDown: [] as number[],
  verify: [] as number[],
};
let id = '';
const idle = await memory();
let most = 0;
const watching = setInterval(async () => {
  most = Math.max(most, await memory());
}, 50);
for (let round = 0; round < ROUNDS; round++) {
  found.plainUp.push(await rate(sendPlain));
  let verifyingFrom = 0;
  const startedAt = performance.now();
  const file = await uploadFile(
    { url: origin, token },
    {
      source,
      name: 'bench.bin',
      parallel: PARALLEL,
      onProgress: ({ phase, bytes }) => {
        if (phase === 'UPLOADING' && bytes === SIZE) verifyingFrom = performance.now();
      },
    },
  );
  found.up.push(SIZE / (verifyingFrom - startedAt));
  found.verify.push(SIZE / (performance.now() - verifyingFrom));
  id = file.id;
  const url = await urlOf(id);
  found.plainDown.push(await rate(() => drain(`${plain.url}/0`)));
  found.down.push(await rate(() => drain(url)));
}
clearInterval(watching);

const first = { boon: [] as number[], plain: [] as number[] };
for (let count = 0; count < FIRST_BYTES; count++) {
  const url = await urlOf(id);
  first.plain.push(await firstByte(`${plain.url}/0`));
  first.boon.push(await firstByte(url));
}

const speed = (values: readonly number[]) => `${whole((median(values) * 1e3) / 1e6)} MB/s`;
const row = (what: string, own: readonly number[], beside: readonly number[]) => [
  what,
  speed(own),
  speed(beside),
  times(median(own) / median(beside)),
];
await writeTable(
  'files',
  table([
    [`${whole(SIZE / 1_024 ** 2)} MiB`, 'Boon', 'plain Node', 'share'],
    row(`upload, ${PARALLEL} parts at once`, found.up, found.plainUp),
    row('download', found.down, found.plainDown),
    ['first byte', milliseconds(median(first.boon)), milliseconds(median(first.plain)), ''],
    ['verification', speed(found.verify), speed([await hashRate()]), ''],
    ['memory beyond idle', `${whole(Math.max(0, most - idle))} MB`, '', ''],
  ]),
);

/** What a merchant gets: the store's own URL. */
async function urlOf(file: string): Promise<string> {
  const answer = await boon.ask<{ file: { versions: { url: string }[] } }>(
    'query($id: ID!) { file(id: $id) { versions { url } } }',
    { id: file },
  );
  return answer.file.versions[0]?.url ?? '';
}

async function rate(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return SIZE / (performance.now() - startedAt);
}

async function drain(url: string): Promise<void> {
  const { body } = await fetch(url);
  for await (const _ of body ?? []);
}

async function firstByte(url: string): Promise<number> {
  const gone = new AbortController();
  const startedAt = performance.now();
  const { body } = await fetch(url, { signal: gone.signal });
  for await (const _ of body ?? []) break;
  const took = performance.now() - startedAt;
  gone.abort();
  return took;
}

/** The same parts, as many at once, each to a file of its own. */
async function sendPlain(): Promise<void> {
  const part = 16 * CHUNK;
  const numbers = Array.from({ length: Math.ceil(SIZE / part) }, (_, index) => index);
  const send = async () => {
    for (let number = numbers.shift(); number !== undefined; number = numbers.shift()) {
      const body = source.slice(number * part, Math.min((number + 1) * part, SIZE));
      await (await fetch(`${plain.url}/${number}`, { method: 'PUT', body })).arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, send));
}

/** What of the server is in memory, in megabytes. */
async function memory(): Promise<number> {
  const status = await readFile(`/proc/${boon.process.child.pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1e3;
}

async function hashRate(): Promise<number> {
  const hash = createHash('sha256');
  return rate(async () => {
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK })) hash.update(chunk);
  });
}
