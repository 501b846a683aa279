import { readFile } from 'node:fs/promises';
import { GraphQLError } from 'graphql';

/** Operations that are known by a hash of their text, so that a client need not send it. */
export interface PersistedOperations {
  /** The text that is meant; undefined when the client names none. Throws when it names one that is not known. */
  find(asked: { query?: string; documentId?: string; extensions?: Record<string, unknown> }): string | undefined;
  /** The text of the operation with this name. */
  named(name: string): string | undefined;
}

const MANIFEST = new URL('../../persisted-operations.json', import.meta.url);
const HASH = /^(?:sha256:)?([0-9a-f]{64})$/;

/** Reads the manifest that `codegen.ts` writes: `sha256:` and the hash of the text, and the text. */
export async function readPersistedOperations(): Promise<PersistedOperations> {
  return openPersistedOperations(JSON.parse(await readFile(MANIFEST, 'utf8')));
}

export function openPersistedOperations(manifest: Record<string, string>): PersistedOperations {
  const byName = new Map(Object.values(manifest).map((text) => [/^\w+ (\w+)/.exec(text)?.[1], text]));
  return {
    find({ documentId, extensions }) {
      const { sha256Hash } = (extensions?.persistedQuery ?? {}) as { sha256Hash?: unknown };
      const id = documentId ?? sha256Hash;
      if (id === undefined) return undefined;
      const text = manifest[`sha256:${HASH.exec(String(id))?.[1]}`];
      if (text === undefined) throw notFound();
      return text;
    },
    named: (name) => byName.get(name),
  };
}

const notFound = (): GraphQLError =>
  new GraphQLError('No operation is persisted under this hash. Send its text instead.', {
    extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' },
  });
