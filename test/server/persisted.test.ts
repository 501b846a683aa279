import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { clientDocuments, committedDocuments, committedManifest, manifest } from '../../codegen.ts';
import { openPersistedOperations } from '../../src/server/persisted.ts';

test('the committed manifest is what codegen.ts writes', async () => {
  expect(await committedManifest()).toBe(await manifest());
  expect(await committedDocuments()).toBe(await clientDocuments());
});

test('an operation is known by the hash of its text', async () => {
  for (const [id, text] of Object.entries(JSON.parse(await committedManifest()) as Record<string, string>)) {
    expect(id).toBe(`sha256:${createHash('sha256').update(text).digest('hex')}`);
  }
});

const hash = 'a'.repeat(64);
const persisted = openPersistedOperations({ [`sha256:${hash}`]: 'query Hello { __typename }' });

test('it is named by documentId, or the way Apollo does', () => {
  const text = 'query Hello { __typename }';
  expect(persisted.find({ documentId: `sha256:${hash}` })).toBe(text);
  expect(persisted.find({ documentId: hash })).toBe(text);
  expect(persisted.find({ extensions: { persistedQuery: { version: 1, sha256Hash: hash } } })).toBe(text);
  expect(persisted.named('Hello')).toBe(text);
});

test('who names none gets none', () => {
  expect(persisted.find({ query: '{ __typename }' })).toBeUndefined();
  expect(persisted.find({ extensions: {} })).toBeUndefined();
});

const UNKNOWN = ['', 'b'.repeat(64), `sha1:${hash}`, 'constructor', '__proto__', hash.slice(1)];
test.each(UNKNOWN)('%j is not found', (documentId) => {
  expect(() => persisted.find({ documentId })).toThrow(
    expect.objectContaining({ extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }),
  );
});
