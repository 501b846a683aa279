import type { FieldNode, FragmentDefinitionNode, GraphQLResolveInfo, SelectionSetNode } from 'graphql';
import type { Asks } from './reads/rows.ts';

type Node = object & { selectionSet?: SelectionSetNode | undefined };
type Fragments = Record<string, FragmentDefinitionNode>;

/** One answer per node of a document: documents are parsed once and kept. */
const known = new WeakMap<object, ReadonlySet<string>>();

/** Whether a field of this name is asked for anywhere below an operation or a field. */
export function mentions(node: Node | undefined, fragments: Fragments, name: string): boolean {
  if (!node) return false;
  let names = known.get(node);
  if (!names) {
    names = collect(node, fragments, new Set());
    known.set(node, names);
  }
  return names.has(name);
}

const asks = new WeakMap<object, Asks>();

/** What an operation asks for: the same function for the same operation, whoever asks. */
export function asksOf({ operation, fragments }: Pick<GraphQLResolveInfo, 'operation' | 'fragments'>): Asks {
  const known = asks.get(operation);
  if (known) return known;
  const made: Asks = (field) => mentions(operation, fragments, field);
  asks.set(operation, made);
  return made;
}

/** The fields that lie below others at the end of a path of names, whatever their aliases. */
export function fieldsAt(nodes: readonly Node[], fragments: Fragments, path: readonly string[]): readonly FieldNode[] {
  const [name, ...rest] = path;
  if (name === undefined) return nodes as readonly FieldNode[];
  const below = nodes.flatMap((node) => flatten(node, fragments)).filter((field) => field.name.value === name);
  return fieldsAt(below, fragments, rest);
}

function flatten({ selectionSet }: Node, fragments: Fragments): FieldNode[] {
  return (selectionSet?.selections ?? []).flatMap((selection) => {
    if (selection.kind === 'Field') return [selection];
    return flatten(
      selection.kind === 'FragmentSpread' ? (fragments[selection.name.value] ?? {}) : selection,
      fragments,
    );
  });
}

function collect({ selectionSet }: Node, fragments: Fragments, names: Set<string>): Set<string> {
  for (const selection of selectionSet?.selections ?? []) {
    if (selection.kind === 'FragmentSpread') collect(fragments[selection.name.value] ?? {}, fragments, names);
    else collect(selection, fragments, selection.kind === 'Field' ? names.add(selection.name.value) : names);
  }
  return names;
}
