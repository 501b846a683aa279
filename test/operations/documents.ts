import { readdirSync, readFileSync } from 'node:fs';
import {
  concatAST,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';

const FOLDER = new URL('.', import.meta.url);

/** What the documents ask of nouns and kinds that are not here yet: types, and fields as `Type.field`. */
export const STILL_TO_COME: readonly string[] = [];

/** Every document users send, by the name of its operation, each with the fragments it spreads. */
export const documents: ReadonlyMap<string, DocumentNode> = read();

/** A document without what is still to come; null when nothing of it is left. */
export function pruned(schema: GraphQLSchema, name: string): string | null {
  const document = documents.get(name);
  if (!document) throw new Error(`There is no document ${name}.`);
  const known = (type: string) => schema.getType(type) !== undefined;
  const typeInfo = new TypeInfo(schema);
  const rest = visit(
    document,
    visitWithTypeInfo(typeInfo, {
      Field: () => (typeInfo.getFieldDef() ? undefined : null),
      InlineFragment: ({ typeCondition }) => (!typeCondition || known(typeCondition.name.value) ? undefined : null),
    }),
  );
  const [operation] = rest.definitions as OperationDefinitionNode[];
  return operation && operation.selectionSet.selections.length > 0 ? print(rest) : null;
}

function read(): Map<string, DocumentNode> {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.graphql'));
  const all = concatAST(files.map((file) => parse(readFileSync(new URL(file, FOLDER), 'utf8'))));
  const fragments = all.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
  const operations = all.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
  return new Map(
    operations.map((operation) => [
      operation.name?.value ?? '',
      {
        kind: Kind.DOCUMENT,
        definitions: [operation, ...fragments.filter((fragment) => spreads(operation, fragment, fragments))],
      },
    ]),
  );
}

function spreads(
  node: OperationDefinitionNode | FragmentDefinitionNode,
  target: FragmentDefinitionNode,
  all: FragmentDefinitionNode[],
): boolean {
  let found = false;
  visit(node, {
    FragmentSpread({ name }) {
      const fragment = all.find((candidate) => candidate.name.value === name.value);
      if (fragment && (fragment === target || spreads(fragment, target, all))) found = true;
    },
  });
  return found;
}
