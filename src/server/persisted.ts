import { readFile } from 'node:fs/promises';
import { GraphQLError } from 'graphql';

/** Operations that are known by a hash of their text, so that a client need not send it. */
export interface PersistedOperations {
  /** The text that is meant; undefined when the client names none. Throws when it names one that is not known. */
  find(asked: { query?: string; documentId?: string; extensions?: Record<string, unknown> }): string | undefined;
  /** Whether a client names one that there is. */
  knows(asked: { documentId?: string; extensions?: Record<string, unknown> }): boolean;
  /** All of them. */
  texts(): readonly string[];
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
  const textOf = (id: unknown): string | undefined => manifest[`sha256:${HASH.exec(String(id))?.[1]}`];
  return {
    find(asked) {
      const id = idOf(asked);
      if (id === undefined) return undefined;
      const text = textOf(id);
      if (text === undefined) throw notFound();
      return text;
    },
    knows(asked) {
      const id = idOf(asked);
      return id !== undefined && textOf(id) !== undefined;
    },
    texts: () => Object.values(manifest),
    named: (name) => byName.get(name),
  };
}

function idOf({ documentId, extensions }: { documentId?: string; extensions?: Record<string, unknown> }): unknown {
  const { sha256Hash } = (extensions?.persistedQuery ?? {}) as { sha256Hash?: unknown };
  return documentId ?? sha256Hash;
}

const notFound = (): GraphQLError =>
  new GraphQLError('No operation is persisted under this hash. Send its text instead.', {
    extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' },
  });
