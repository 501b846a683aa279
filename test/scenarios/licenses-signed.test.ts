import { createHash } from 'node:crypto';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as administration from '../../src/domain/licenses/administration.ts';
import { normalizeLicenseKey } from '../../src/lib/license-key.ts';
import { type Node, openNode } from '../support/node.ts';
import { post } from '../support/post.ts';
import { sellKey } from '../support/sold-key.ts';

let node: Node;
beforeAll(async () => {
  node = await openNode();
});
afterAll(() => node[Symbol.asyncDispose]());

const get = async (path: string) => (await fetch(`${node.url}/.well-known/${path}`)).text();
const keys = async () => createLocalJWKSet(JSON.parse(await get('jwks.json')));
const VALIDATE =
  'query ($input: ValidateLicenseKeyInput!) { told: validateLicenseKey(input: $input) { valid code signed } }';
const validate = async (input: object) => (await post(node.url, { query: VALIDATE, variables: { input } })).body;

test('an answer to a nonce comes signed, with the nonce and the whole answer in it', async () => {
  const { key, id, customerId } = await sellKey(node, { limitUsage: 3 });
  const { data } = await validate({ key, nonce: 'n-1' });
  const { payload } = await jwtVerify(data.told.signed, await keys(), { typ: 'boon-license-validation+jwt' });
  expect(payload).toMatchObject({
    nonce: 'n-1',
    sub: id,
    valid: true,
    code: 'VALID',
    reasons: [],
    usage: 0,
    customerId,
  });
  expect(payload.keySha256).toBe(createHash('sha256').update(normalizeLicenseKey(key)).digest('base64url'));
  const refused = await validate({ key: 'NOBODY', nonce: 'n-2' });
  const told = await jwtVerify(refused.data.told.signed, await keys());
  expect(told.payload).toMatchObject({ nonce: 'n-2', valid: false, code: 'NOT_FOUND' });
  expect((await validate({ key })).data.told.signed).toBeNull();
  expect((await validate({ key, nonce: 'x'.repeat(201) })).errors[0].extensions).toMatchObject({
    code: 'BAD_USER_INPUT',
    path: ['input', 'nonce'],
  });
});

test('a signed license verifies with the published keys, and the published list names it once it is revoked', async () => {
  const { key, id } = await sellKey(node);
  const query = `mutation { told: checkoutLicenseKey(input: { key: "${key}", ttlSeconds: 60 }) {
    ... on CheckoutLicenseKeyPayload { license } } }`;
  const { license } = (await post(node.url, { query })).body.data.told;
  const { payload } = await jwtVerify(license, await keys(), { typ: 'boon-license+jwt', algorithms: ['EdDSA'] });
  const revoked = async () =>
    (await jwtVerify(await get('license-revocations.jwt'), await keys(), { typ: 'boon-license-revocations+jwt' }))
      .payload.revoked;
  expect(await revoked()).not.toContain(payload.jti);
  await node.transaction((tx) =>
    administration.update(tx, { organizationId: node.organizationId, id, status: 'DISABLED' }),
  );
  await expect.poll(revoked).toContain(payload.jti);
});

const WRONG: [string, string, object, string][] = [
  ['units below one', 'consumeLicenseKey', { key: 'A', units: -1 }, 'units'],
  ['2^53 units', 'consumeLicenseKey', { key: 'A', units: 2 ** 53 }, 'units'],
  ['half a unit', 'consumeLicenseKey', { key: 'A', units: 0.5 }, 'units'],
  ['an empty idempotency key', 'consumeLicenseKey', { key: 'A', units: 1, idempotencyKey: '' }, 'idempotencyKey'],
  ['51 conditions', 'validateLicenseKey', { key: 'A', conditions: many(51) }, 'conditions'],
  ['51 conditions of a use', 'consumeLicenseKey', { key: 'A', units: 1, conditions: many(51) }, 'conditions'],
  ['conditions within conditions', 'validateLicenseKey', { key: 'A', conditions: { a: { b: 1 } } }, 'conditions'],
  ['a key that is a number', 'validateLicenseKey', { key: 12 }, 'key'],
  ['a key that is none', 'validateLicenseKey', { key: null }, 'key'],
  ['NUL in a key', 'validateLicenseKey', { key: 'A\0' }, 'key'],
  ['NUL in a key that is used', 'consumeLicenseKey', { key: 'A\0', units: 1 }, 'key'],
  ['half a character', 'validateLicenseKey', { key: 'A', activationId: '\ud800' }, 'activationId'],
];

test.each(WRONG)('%s: a mistake that names its field, and no failure of ours', async (_what, field, input, at) => {
  const type = `${field.charAt(0).toUpperCase()}${field.slice(1)}Input`;
  const query = `${field.startsWith('v') ? 'query' : 'mutation'} ($input: ${type}!) { ${field}(input: $input) { code } }`;
  const { body } = await post(node.url, { query, variables: { input } });
  expect(body.errors[0].extensions.code).toBe('BAD_USER_INPUT');
  expect(body.errors[0].extensions.path.slice(0, 2)).toEqual(['input', at]);
});

test('however a key is typed, it is found; a key of a megabyte is none', async () => {
  const { key } = await sellKey(node, { prefix: 'APP' });
  const typed = [` ${key.toLowerCase()} `, key.replaceAll('-', ''), key.replaceAll('0', 'O').replaceAll('1', 'l')];
  for (const text of typed) expect((await validate({ key: text })).data.told.code).toBe('VALID');
  for (const text of ['', '💥', 'A'.repeat(900_000), `${key}${'A'.repeat(1_000)}`])
    expect((await validate({ key: text })).data.told.code).toBe('NOT_FOUND');
  const tooLong = JSON.stringify({ query: VALIDATE, variables: { input: { key: 'A'.repeat(1_000_000) } } });
  const headers = { 'content-type': 'application/json' };
  expect((await fetch(`${node.url}/graphql`, { method: 'POST', headers, body: tooLong })).status).toBe(413);
});

function many(count: number): object {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, at]));
}
