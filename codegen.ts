import { createHash } from 'node:crypto';
import { glob, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type DefinitionNode, type FragmentDefinitionNode, Kind, parse, print, visit } from 'graphql';

/** `node codegen.ts` writes, from the documents below src/, the manifest of persisted operations and what the client sends. */
const ROOT = new URL('./', import.meta.url);
const MANIFEST = new URL('persisted-operations.json', ROOT);
const CLIENT_DOCUMENTS = new URL('src/client/documents.ts', ROOT);

/** Each operation, with the fragments it uses, under the hash of its text. */
export async function manifest(): Promise<string> {
  const definitions: DefinitionNode[] = [];
  for (const path of (await Array.fromAsync(glob('src/**/*.graphql', { cwd: fileURLToPath(ROOT) }))).sort()) {
    definitions.push(...parse(await readFile(new URL(path, ROOT), 'utf8')).definitions);
  }
  const fragments = new Map(
    definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION).map((node) => [node.name.value, node]),
  );
  const texts = definitions
    .filter((node) => node.kind === Kind.OPERATION_DEFINITION)
    .map((operation) => print({ kind: Kind.DOCUMENT, definitions: [operation, ...fragmentsOf(operation, fragments)] }));
  const entries = texts.map((text) => [`sha256:${createHash('sha256').update(text).digest('hex')}`, text]);
  return `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`;
}

/** The same by name, as the client that other people install carries it. */
export async function clientDocuments(): Promise<string> {
  const entries = Object.entries(JSON.parse(await manifest()) as Record<string, string>).map(([id, text]) => {
    return [/^\w+ (\w+)/.exec(text)?.[1], { id, text }];
  });
  return `/** Written by codegen.ts: what the client sends, by name. */
export const DOCUMENTS = ${JSON.stringify(Object.fromEntries(entries), null, 2)} as const;
`;
}

/** As it is committed; a test fails when it is stale. */
export const committedManifest = (): Promise<string> => readFile(MANIFEST, 'utf8');
export const committedDocuments = (): Promise<string> => readFile(CLIENT_DOCUMENTS, 'utf8');

/** Those it spreads, and those that they spread, in the order of their names. */
function fragmentsOf(
  node: DefinitionNode,
  all: Map<string, FragmentDefinitionNode>,
  found = new Set<string>(),
): FragmentDefinitionNode[] {
  visit(node, {
    FragmentSpread({ name: { value } }) {
      const fragment = all.get(value);
      if (!fragment || found.has(value)) return;
      found.add(value);
      fragmentsOf(fragment, all, found);
    },
  });
  return [...found].sort().flatMap((name) => all.get(name) ?? []);
}

if (import.meta.main) {
  await writeFile(MANIFEST, await manifest());
  await writeFile(CLIENT_DOCUMENTS, await clientDocuments());
}
