import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** Words, names, numbers and marks a document may consist of. */
export const MAX_TOKENS = 10_000;
/** Braces within braces. What tools ask a schema about itself is about 15 deep. */
const MAX_DEPTH = 20;
const MAX_ALIASES = 100;
/** Fields that an operation names, those of fragments counted wherever they are spread. */
const MAX_FIELDS = 2_000;
/** Objects that an answer may hold, every page taken to be full. */
const MAX_OBJECTS = 50_000;
/** A page without `first` holds this many. */
const DEFAULT_PAGE = 20;
export const LONGEST_PAGE = 100;
/** Lists that are not paged are short; this is a guess at how short. */
const LIST_GUESS = 5;

interface Weight {
  depth: number;
  aliases: number;
  fields: number;
  objects: number;
}

const NOTHING: Weight = { depth: 0, aliases: 0, fields: 0, objects: 0 };

/**
 * What is too much about an operation, if anything. Needs no valid document: what is too much to execute may be too
 * much to validate.
 */
export function tooMuch(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Record<string, unknown> = {},
): GraphQLError | undefined {
  const fragments = new Map(
    document.definitions
      .filter((node) => node.kind === Kind.FRAGMENT_DEFINITION)
      .map((node) => [node.name.value, node]),
  );
  const root = schema.getRootType(operation.operation) ?? undefined;
  const weight = openScale(schema, fragments, variables)(operation.selectionSet, root, false);
  const limits = [
    ['levels deep', weight.depth, MAX_DEPTH],
    ['aliases', weight.aliases, MAX_ALIASES],
    ['fields', weight.fields, MAX_FIELDS],
    ['objects, if every page is full', weight.objects, MAX_OBJECTS],
  ] as const;
  for (const [what, count, limit] of limits)
    if (count > limit) return tooComplex(`It asks for ${count} ${what}; at most ${limit} are allowed.`, limit);
  return undefined;
}

export const tooComplex = (message: string, limit: number): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'QUERY_TOO_COMPLEX', limit } });

type Scale = (selections: SelectionSetNode, type: GraphQLNamedType | undefined, inPage: boolean) => Weight;

function openScale(
  schema: GraphQLSchema,
  fragments: Map<string, FragmentDefinitionNode>,
  variables: Record<string, unknown>,
): Scale {
  /** A fragment is weighed once, however often it is spread; one that contains itself weighs nothing inside itself. */
  const weighed = new Map<string, Weight>();

  const weigh: Scale = ({ selections }, type, inPage) => {
    let total = NOTHING;
    for (const node of selections) {
      if (node.kind === Kind.FIELD) total = plus(total, weighField(node, type, inPage));
      else if (node.kind === Kind.FRAGMENT_SPREAD) total = plus(total, weighFragment(node.name.value, inPage));
      else
        total = plus(
          total,
          weigh(node.selectionSet, node.typeCondition ? schema.getType(node.typeCondition.name.value) : type, inPage),
        );
    }
    return total;
  };
  const weighFragment = (name: string, inPage: boolean): Weight => {
    const key = `${name} ${inPage}`;
    const known = weighed.get(key);
    const fragment = fragments.get(name);
    if (known || !fragment) return known ?? NOTHING;
    weighed.set(key, NOTHING);
    const weight = weigh(fragment.selectionSet, schema.getType(fragment.typeCondition.name.value), inPage);
    weighed.set(key, weight);
    return weight;
  };
  const weighField = (node: FieldNode, parent: GraphQLNamedType | undefined, inPage: boolean): Weight => {
    const field = fieldOf(parent, node.name.value);
    const type = field && getNamedType(field.type);
    const count = countOf(node, field, variables);
    const below = node.selectionSet ? weigh(node.selectionSet, type, count !== undefined) : NOTHING;
    const times = count ?? (!inPage && field && isListType(getNullableType(field.type)) ? LIST_GUESS : 1);
    return {
      depth: below.depth + 1,
      aliases: below.aliases + (node.alias ? 1 : 0),
      fields: below.fields + 1,
      objects: isCompositeType(type) ? times * (1 + below.objects) : 0,
    };
  };
  return weigh;
}

const plus = (a: Weight, b: Weight): Weight => ({
  depth: Math.max(a.depth, b.depth),
  aliases: a.aliases + b.aliases,
  fields: a.fields + b.fields,
  objects: a.objects + b.objects,
});

/** How many a page is asked to hold; undefined when the field is no page. */
function countOf(
  node: FieldNode,
  field: GraphQLField<unknown, unknown> | undefined,
  variables: Record<string, unknown>,
): number | undefined {
  if (!field?.args.some(({ name }) => name === 'first')) return undefined;
  const value = node.arguments?.find(({ name }) => name.value === 'first')?.value;
  const count =
    value?.kind === Kind.VARIABLE
      ? variables[value.name.value]
      : value?.kind === Kind.INT
        ? Number(value.value)
        : undefined;
  return typeof count === 'number' ? Math.min(Math.max(count, 0), LONGEST_PAGE) : DEFAULT_PAGE;
}

const fieldOf = (type: GraphQLNamedType | undefined, name: string) =>
  isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
