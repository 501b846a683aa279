import { setImmediate as immediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Part, Signed, Storage, Upload } from '../../src/lib/storage.ts';
import { noise } from '../support/noise.ts';

/** A store, and where URLs that name no host are reached. */
export interface Store extends AsyncDisposable {
  storage: Storage;
  url: string;
}

/** What S3 asks of every part but the last. */
const LEAST = 5 * 1_024 ** 2;
const MINUTE = 60;
const NAME = `${'a"b\\c/d\r\n\u202eexe.'.repeat(3)}Übung – 試験 🎁.zip`;

/** What every keeper of files must do. */
export function exercise(name: string, open: () => Promise<Store>): void {
  describe(`files kept ${name}`, () => {
    let store: Store;
    let keys = 0;
    beforeAll(async () => {
      store = await open();
    });
    afterAll(() => store[Symbol.asyncDispose]());

    const newKey = () => `org_test/fvr_${name.replace(/\W/g, '')}${++keys}`;
    const begin = async (): Promise<Upload> => {
      const key = newKey();
      return { key, uploadId: await store.storage.begin(key, 'application/zip') };
    };
    const fetchSigned = ({ url, headers }: Signed, init: RequestInit = {}) =>
      fetch(new URL(url, store.url), {
        ...init,
        headers: headers.map(({ name, value }): [string, string] => [name, value]),
      });
    const put = async (upload: Upload, number: number, bytes: Uint8Array): Promise<Part> => {
      const signed = await store.storage.signPart(upload, number, MINUTE);
      const answer = await fetchSigned(signed, { method: 'PUT', body: bytes as Uint8Array<ArrayBuffer> });
      expect(answer.status, await answer.text()).toBe(200);
      return { number, etag: answer.headers.get('etag') ?? '' };
    };
    const download = (key: string, seconds = MINUTE) =>
      store.storage.signDownload(key, { name: NAME, contentType: 'application/zip', seconds });
    const get = (url: string, headers: Record<string, string> = {}, method = 'GET') =>
      fetch(new URL(url, store.url), { method, headers });
    const whole = async (key: string) =>
      Buffer.concat(await Array.fromAsync(await store.storage.read(key), (chunk) => Buffer.from(chunk)));
    /** Two parts, one as long as the least may be. */
    const object = async () => {
      const [upload, bytes] = [await begin(), noise(LEAST + 1_000, 7)];
      const parts = [await put(upload, 1, bytes.subarray(0, LEAST)), await put(upload, 2, bytes.subarray(LEAST))];
      expect(await store.storage.complete(upload, parts)).toBe(true);
      return { upload, parts, bytes, key: upload.key };
    };

    test('nothing is there before an upload is completed, and all of it afterwards', async () => {
      const upload = await begin();
      const part = await put(upload, 1, noise(100));
      expect(await store.storage.size(upload.key)).toBeNull();
      expect(await store.storage.complete(upload, [part])).toBe(true);
      expect(await store.storage.size(upload.key)).toBe(100);
      expect(new Uint8Array(await whole(upload.key))).toEqual(noise(100));
    });

    test('parts come in any order, and one that is put again replaces the one before', async () => {
      const [upload, first] = [await begin(), noise(LEAST, 1)];
      const last = await put(upload, 2, noise(10, 2));
      const before = await put(upload, 1, noise(LEAST, 3));
      const after = await put(upload, 1, first);
      expect(after.etag).not.toBe(before.etag);
      expect(await store.storage.parts(upload)).toEqual([
        { ...after, size: LEAST },
        { ...last, size: 10 },
      ]);
      expect(await store.storage.complete(upload, [last, after])).toBe(true);
      expect((await whole(upload.key)).equals(Buffer.concat([first, noise(10, 2)]))).toBe(true);
    });

    test('parts that were replaced, or never came, complete nothing', async () => {
      const upload = await begin();
      const before = await put(upload, 1, noise(50, 1));
      await put(upload, 1, noise(50, 2));
      expect(await store.storage.complete(upload, [before])).toBe(false);
      expect(await store.storage.complete(upload, [{ number: 3, etag: '"nothing"' }])).toBe(false);
      expect(await store.storage.complete(upload, [])).toBe(false);
      expect(await store.storage.size(upload.key)).toBeNull();
    });

    test('completing twice, or by several at once, is completing once', async () => {
      const upload = await begin();
      const parts = [await put(upload, 1, noise(20))];
      const all: Promise<boolean>[] = [];
      // One begins while another is anywhere in the middle of it.
      for (let count = 0; count < 20; count++) {
        all.push(store.storage.complete(upload, parts));
        await immediate();
      }
      expect(await Promise.all(all)).toEqual(all.map(() => true));
      expect(await store.storage.complete(upload, parts)).toBe(true);
      expect(await store.storage.size(upload.key)).toBe(20);
    });

    test('what was completed never becomes other bytes, whoever still holds the URL of a part', async () => {
      const { upload, bytes, key } = await object();
      const signed = await store.storage.signPart(upload, 1, MINUTE);
      await fetchSigned(signed, { method: 'PUT', body: noise(LEAST, 9) as Uint8Array<ArrayBuffer> });
      // A store may notice that an object is no longer what it was, and give nothing; it may not give something else.
      const given = await whole(key).catch(() => null);
      expect(given === null || given.equals(bytes)).toBe(true);
    });

    test('there are 10,000 parts at most', async () => {
      const signed = await store.storage.signPart(await begin(), 10_001, MINUTE);
      expect((await fetchSigned(signed, { method: 'PUT', body: 'x' })).ok).toBe(false);
    });

    test('a signed URL does what it was signed for, until it expires', async () => {
      const upload = await begin();
      const { url } = await store.storage.signPart(upload, 1, MINUTE);
      for (const [from, to] of [
        [/(partNumber|number)=1\b/, '$1=2'],
        [/(Signature|signature)=.{8}/, '$1=AAAAAAAA'],
        [/org_test/, 'org_other'],
      ] as const) {
        const wrong = url.replace(from, to);
        expect(wrong).not.toBe(url);
        expect((await fetchSigned({ url: wrong, headers: [] }, { method: 'PUT', body: 'x' })).status).toBe(403);
      }
      expect((await get(url)).ok).toBe(false);
      const { key } = await object();
      expect((await get(await download(key, 1), {}, 'DELETE')).ok).toBe(false);
      const brief = await download(key, 1);
      await expect.poll(async () => (await get(brief)).status).toBe(403);
    });

    test('a download has its name in every script, and nothing that would break a header', async () => {
      const { key } = await object();
      const { headers } = await get(await download(key));
      const said = headers.get('content-disposition') ?? '';
      const name = decodeURIComponent(/filename\*=UTF-8''(.*)$/.exec(said)?.[1] ?? '');
      expect(name).toBe(`${'a"b_c_dexe.'.repeat(3)}Übung – 試験 🎁.zip`);
      expect(headers.get('content-type')).toBe('application/zip');
    });

    test('a download gives ranges, within a part and across them', async () => {
      const { key, bytes } = await object();
      const url = await download(key);
      for (const [from, to] of [
        [0, 9],
        [LEAST - 5, LEAST + 4],
        [LEAST + 990, LEAST + 999],
      ] as const) {
        const answer = await get(url, { range: `bytes=${from}-${to}` });
        expect(answer.status).toBe(206);
        expect(answer.headers.get('content-range')).toBe(`bytes ${from}-${to}/${bytes.length}`);
        expect(new Uint8Array(await answer.arrayBuffer())).toEqual(bytes.slice(from, to + 1));
      }
      const tail = await get(url, { range: 'bytes=-3' });
      expect(new Uint8Array(await tail.arrayBuffer())).toEqual(bytes.slice(-3));
      expect((await get(url, { range: `bytes=${bytes.length}-` })).status).toBe(416);
    });

    test('something small is put at once, also nothing at all, and replaces what was there', async () => {
      const key = newKey();
      for (const text of ['hello', '']) {
        await store.storage.write(key, Buffer.from(text), 'text/plain');
        expect(await store.storage.size(key)).toBe(text.length);
        expect(String(await whole(key))).toBe(text);
        expect(await (await get(await download(key))).text()).toBe(text);
      }
    });

    test('what is removed is gone, with every upload that was begun there; twice is harmless', async () => {
      const { key } = await object();
      const another = { key, uploadId: await store.storage.begin(key, 'text/plain') };
      await put(another, 1, noise(10));
      const url = await download(key);
      for (let times = 0; times < 2; times++) await store.storage.remove(key);
      expect(await store.storage.size(key)).toBeNull();
      expect(await store.storage.parts(another)).toBeNull();
      expect((await get(url)).status).toBe(404);
    });

    test('a page of any origin may use a signed URL, and read the ETag', async () => {
      const signed = await store.storage.signPart(await begin(), 1, MINUTE);
      const url = new URL(signed.url, store.url);
      const asked = { origin: 'https://shop.example.com', 'access-control-request-method': 'PUT' };
      const preflight = await fetch(url, { method: 'OPTIONS', headers: asked });
      expect(preflight.ok).toBe(true);
      expect(preflight.headers.get('access-control-allow-methods')).toContain('PUT');
      const answer = await fetch(url, { method: 'PUT', body: 'x', headers: { origin: asked.origin } });
      expect(answer.headers.get('access-control-allow-origin')).toMatch(/^(\*|https:\/\/shop\.example\.com)$/);
      expect(answer.headers.get('access-control-expose-headers')?.toLowerCase()).toContain('etag');
    });
  });
}
