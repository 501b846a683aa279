import type { FragmentDefinitionNode, SelectionSetNode } from 'graphql';

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

function collect({ selectionSet }: Node, fragments: Fragments, names: Set<string>): Set<string> {
  for (const selection of selectionSet?.selections ?? []) {
    if (selection.kind === 'FragmentSpread') collect(fragments[selection.name.value] ?? {}, fragments, names);
    else collect(selection, fragments, selection.kind === 'Field' ? names.add(selection.name.value) : names);
  }
  return names;
}
