import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kinds } from '../../src/benefits/kinds.ts';
import { wire } from '../../src/benefits/wire.ts';
import type { Scope } from '../../src/domain/access-tokens.ts';
import * as benefits from '../../src/domain/benefits.ts';
import * as files from '../../src/domain/files/files.ts';
import * as grants from '../../src/domain/grants/verbs.ts';
import { HOUR_MS } from '../../src/lib/time.ts';
import { type FileShop, openFileShop } from '../support/file-shop.ts';
import { noise } from '../support/noise.ts';
import { post } from '../support/post.ts';

let shop: FileShop;
beforeAll(async () => {
  shop = await openFileShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

const statusOf = async (url: string) => (await fetch(url)).status;
const only = async (customerId: string) => (await shop.downloads(customerId))[0];
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('a file that is uploaded, verified and granted', () => {
  test('is downloaded with the bytes, the name and the type it was uploaded with', async () => {
    const bytes = noise(1_000_000);
    const id = await shop.upload(bytes, {
      name: 'Templates.zip',
      contentType: 'application/zip',
      sha256: sha256(bytes),
    });
    expect(await shop.file(id)).toMatchObject({ status: 'READY', size: '1000000', sha256: sha256(bytes), version: 1 });
    const { customerId } = await shop.holder((await shop.benefit([id])).id);
    const download = await only(customerId);
    expect(download).toMatchObject({ id, name: 'Templates.zip', size: '1000000' });
    const answer = await fetch(download.url);
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(bytes);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/zip',
      'content-disposition': `attachment; filename="Templates.zip"; filename*=UTF-8''Templates.zip`,
      'accept-ranges': 'bytes',
    });
    expect(await shop.file(id, 'downloads versions { downloads customers { customer { id } count } }')).toEqual({
      downloads: 1,
      versions: [{ downloads: 1, customers: [{ customer: { id: customerId }, count: 1 }] }],
    });
  });

  test('is shown to a token for customers without its link, which takes the scope for files', async () => {
    const { customerId } = await shop.holder((await shop.benefit([await shop.upload(noise(10))])).id);
    const query = `query($id: ID!) { customer(by: { id: $id }) { grants { edges { node { delivery {
      ... on DownloadablesDelivery { downloads { name url } } } } } } } }`;
    const codes = async (...scopes: Scope[]) => {
      const { token } = await shop.token({ scopes });
      const { body } = await post(shop.url, { query, variables: { id: customerId }, token });
      return (body?.errors ?? []).map(({ extensions }: { extensions: { code: string } }) => extensions.code);
    };
    expect(await codes('customers:read')).toEqual(['FORBIDDEN']);
    expect(await codes('customers:read', 'files:read')).toEqual([]);
  });

  test('leads to an address of at most a minute that says nothing about the customer', async () => {
    const { customerId, grantId } = await shop.holder((await shop.benefit([await shop.upload(noise(10))])).id);
    const { url } = await only(customerId);
    const answer = await fetch(url, { redirect: 'manual' });
    const location = answer.headers.get('location') ?? '';
    expect(answer.status).toBe(302);
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    for (const secret of [customerId, grantId]) expect(location).not.toContain(secret);
    const left = Number(new URL(location, shop.url).searchParams.get('expires')) * 1_000 - Date.now();
    expect(left).toBeLessThanOrEqual(60_000);
  });

  test('is resumed where it broke off, which is no second download', async () => {
    const bytes = noise(100_000);
    const id = await shop.upload(bytes);
    const { customerId } = await shop.holder((await shop.benefit([id])).id);
    const { url } = await only(customerId);
    const first = await fetch(url, { headers: { range: 'bytes=0-999' } });
    const etag = first.headers.get('etag') ?? '';
    const rest = await fetch(url, { headers: { range: 'bytes=1000-', 'if-range': etag } });
    expect([first.status, rest.status]).toEqual([206, 206]);
    expect(rest.headers.get('content-range')).toBe('bytes 1000-99999/100000');
    const whole = Buffer.concat([Buffer.from(await first.arrayBuffer()), Buffer.from(await rest.arrayBuffer())]);
    expect(new Uint8Array(whole)).toEqual(bytes);
    expect(await shop.file(id)).toMatchObject({ downloads: 1 });
  });

  test('is delivered when it is READY, though the benefit was granted before', async () => {
    const bytes = noise(500);
    const { file, upload } = await shop.announce(bytes.length);
    const { customerId } = await shop.holder((await shop.benefit([file.id])).id);
    expect(await shop.downloads(customerId)).toEqual([]);
    await shop.complete(file.id, await shop.put(upload, bytes));
    await shop.verify(file.id);
    await shop.settle(customerId);
    expect(await shop.downloads(customerId)).toMatchObject([{ id: file.id, size: '500' }]);
    const [newest] = await shop.database.prisma.event.findMany({
      where: { customerId, type: 'benefit_grant.updated' },
      orderBy: { sequence: 'desc' },
    });
    expect(newest?.data).toMatchObject({ changed: ['properties'], grant: { held: { files: [file.id] } } });
  });
});

describe('a link', () => {
  const offered = async (earlierVersions = false) => {
    const id = await shop.upload(noise(64));
    const benefit = await shop.benefit([id], earlierVersions);
    const holder = await shop.holder(benefit.id);
    return { id, benefit, ...holder, url: (await only(holder.customerId)).url as string };
  };

  test('that was shared with a stranger leads nowhere once the grant is revoked, and again when that is lifted', async () => {
    const { url, grantId, customerId } = await offered();
    expect(await statusOf(url)).toBe(200);
    const { organizationId } = shop;
    await shop.transaction((tx) => grants.revoke(tx, { organizationId, id: grantId }));
    const refused = await fetch(url);
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain('no longer yours');
    await shop.transaction((tx) => grants.lift(tx, { organizationId, id: grantId }));
    await shop.settle(customerId);
    expect(await statusOf(url)).toBe(200);
  });

  test('leads nowhere while the file is archived', async () => {
    const { url, id } = await offered();
    await shop.archive(id);
    expect(await statusOf(url)).toBe(410);
    await shop.transaction((tx) => files.unarchive(tx, { organizationId: shop.organizationId, id }));
    expect(await statusOf(url)).toBe(200);
  });

  test('leads nowhere while the benefit holds its file back, and everybody hears which it does', async () => {
    const { url, id, benefit, customerId } = await offered();
    const other = await shop.upload(noise(5));
    const { organizationId } = shop;
    const hold = async (...archivedFileIds: string[]) => {
      const properties = { fileIds: [id, other], archivedFileIds, earlierVersions: false };
      await shop.transaction((tx) => benefits.update(tx, { organizationId, id: benefit.id, properties }));
      await shop.settle(customerId);
      return (await shop.downloads(customerId)).map((download) => download.id);
    };
    expect(await hold(id)).toEqual([other]);
    expect(await statusOf(url)).toBe(410);
    const told = await shop.database.prisma.event.findFirstOrThrow({
      where: { subjectId: benefit.id, type: 'benefit.updated' },
    });
    expect(wire(kinds, told)).toMatchObject({
      properties: { files: [id, other], archived: { [id]: true, [other]: false } },
    });
    expect(await hold()).toEqual([id, other]);
    expect(await statusOf(url)).toBe(200);
  });

  test('is offered by no benefit that holds back what it does not name', async () => {
    const { id } = await offered();
    const properties = { downloadables: { fileIds: [id], archivedFileIds: [id, 'fil_other'] } };
    const refused = await shop.mutate('createBenefit', { description: 'Files', properties }, 'benefit { id }');
    expect(refused).toMatchObject({
      __typename: 'InvalidInputError',
      path: ['properties', 'downloadables', 'archivedFileIds', '1'],
    });
  });

  test('to a version that was replaced leads nowhere, unless the benefit offers earlier ones', async () => {
    const [strict, lenient] = [await offered(), await offered(true)];
    for (const { id } of [strict, lenient]) await shop.replace(id, noise(128), { note: 'Better' });
    expect([await statusOf(strict.url), await statusOf(lenient.url)]).toEqual([410, 200]);
    expect(await only(strict.customerId)).toMatchObject({ version: 2, size: '128', earlier: [] });
    const { earlier } = await only(lenient.customerId);
    expect(earlier).toMatchObject([{ version: 1 }]);
    expect((await (await fetch(earlier[0].url)).arrayBuffer()).byteLength).toBe(64);
  });

  test('leads nowhere once the benefit names other files, or the file is deleted', async () => {
    const [edited, deleted] = [await offered(), await offered()];
    const other = await shop.upload(noise(5));
    const { organizationId } = shop;
    const properties = { fileIds: [other], earlierVersions: false };
    await shop.transaction((tx) => benefits.update(tx, { organizationId, id: edited.benefit.id, properties }));
    await shop.mutate('deleteFile', { id: deleted.id }, 'file { id }');
    expect([await statusOf(edited.url), await statusOf(deleted.url)]).toEqual([410, 410]);
  });

  test('is good for an hour', async () => {
    const { url } = await offered();
    shop.time.now = new Date(Date.now() + HOUR_MS + 1_000);
    const { status } = await fetch(url, { redirect: 'manual' });
    shop.time.now = null;
    expect(status).toBe(410);
  });

  test('that was changed anywhere is no link of ours', async () => {
    const { url, grantId } = await offered();
    const mine = await offered();
    const swapped = url.replace(grantId, mine.grantId);
    for (const wrong of [swapped, `${url}x`, url.replace(/\d{10}/, '9999999999'), `${shop.url}/downloads/`])
      expect(await statusOf(wrong)).toBe(404);
  });

  test('is counted once for each of 200 who use it at once', async () => {
    const { id, url } = await offered();
    const answers = await Promise.all(Array.from({ length: 200 }, () => fetch(url)));
    await Promise.all(answers.map((answer) => answer.arrayBuffer()));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(await shop.file(id)).toMatchObject({ downloads: 200 });
  });
});
