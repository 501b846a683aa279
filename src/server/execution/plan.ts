import {
  BREAK,
  type DocumentNode,
  defaultFieldResolver,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLAbstractType,
  type GraphQLField,
  type GraphQLFieldResolver,
  GraphQLIncludeDirective,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getArgumentValues,
  getDirectiveValues,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionNode,
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
  visit,
} from 'graphql';
import type { Context } from '../../graphql/context.ts';
import { isPromise } from '../../lib/soon.ts';

/** A field that is asked for at one place of an answer, with all that is known of it whoever asks. */
export interface Field {
  /** What the answer calls it. */
  key: string;
  parent: GraphQLObjectType;
  definition: GraphQLField<unknown, unknown>;
  resolve: GraphQLFieldResolver<unknown, Context>;
  shape: Shape;
  /** What resolvers are given as its arguments. Throws where they do not fit. */
  argumentsOf(variables: Record<string, unknown>): Record<string, unknown>;
  /** What it answers, at once, where that is a property of its parent as it stands; undefined where there is more to it. */
  standing?: ((source: unknown) => unknown) | undefined;
  /** Wherever the document asks for it here, and the first of them. */
  nodes: readonly FieldNode[];
  node: FieldNode;
  /** What is asked of its value when that is of this type. */
  below(type: GraphQLObjectType): readonly Field[];
}

/** What a field's values are. */
export type Shape = { nullable: boolean } & (
  | { is: 'leaf'; type: GraphQLLeafType }
  | { is: 'object'; type: GraphQLObjectType }
  | { is: 'abstract'; type: GraphQLAbstractType; types: ReadonlyMap<unknown, GraphQLObjectType> }
  | { is: 'list'; of: Shape }
);

/** The fields an operation asks for. */
export type Plan = (variables: Record<string, unknown>) => readonly Field[];

/**
 * What an operation asks further down is worked out when it is first reached, and kept: it is the same for every object of
 * every answer. Where directives make it depend on variables, it is worked out for each answer anew.
 */
export function openPlan(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): Plan {
  const root = schema.getRootType(operation.operation);
  if (!root) throw new Error(`There is nothing to ask for by a ${operation.operation}.`);
  const fragments = new Map(
    document.definitions
      .filter((node) => node.kind === Kind.FRAGMENT_DEFINITION)
      .map((node) => [node.name.value, node]),
  );
  const plan: Plan = (variables) => planFields(schema, fragments, root, operation.selectionSet, variables);
  if (hasDirectives(document)) return plan;
  const fields = plan({});
  return () => fields;
}

function planFields(
  schema: GraphQLSchema,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  root: GraphQLObjectType,
  asked: SelectionSetNode,
  variables: Record<string, unknown>,
): readonly Field[] {
  return collect(root, [asked]);

  function collect(parent: GraphQLObjectType, sets: readonly SelectionSetNode[]): readonly Field[] {
    const nodes = new Map<string, [FieldNode, ...FieldNode[]]>();
    const spread = new Set<FragmentDefinitionNode>();
    for (const set of sets) gather(set);
    return [...nodes].map(([key, same]) => fieldOf(key, parent, same));

    function gather({ selections }: SelectionSetNode): void {
      for (const node of selections) {
        if (!isAsked(node, variables)) continue;
        if (node.kind === Kind.FIELD) note(node.alias?.value ?? node.name.value, node);
        else if (node.kind === Kind.INLINE_FRAGMENT) enter(node);
        else {
          const fragment = fragments.get(node.name.value);
          if (!fragment || spread.has(fragment)) continue;
          spread.add(fragment);
          enter(fragment);
        }
      }
    }
    function note(key: string, node: FieldNode): void {
      const same = nodes.get(key);
      if (same) same.push(node);
      else nodes.set(key, [node]);
    }
    function enter({ typeCondition, selectionSet }: Pick<FragmentDefinitionNode, 'selectionSet'> & Conditional): void {
      const type = typeCondition ? schema.getType(typeCondition.name.value) : parent;
      if (type === parent || (isAbstractType(type) && schema.isSubType(type, parent))) gather(selectionSet);
    }
  }

  function fieldOf(key: string, parent: GraphQLObjectType, nodes: readonly [FieldNode, ...FieldNode[]]): Field {
    const [node] = nodes;
    const name = node.name.value;
    const definition = EVERYWHERE.get(name) ?? parent.getFields()[name];
    if (!definition) throw new Error(`${parent.name} has no field ${name}.`);
    const shape = shapeOf(schema, definition.type);
    const plans = new Map<GraphQLObjectType, readonly Field[]>();
    return {
      key,
      parent,
      definition,
      resolve: (definition.resolve ?? defaultFieldResolver) as Field['resolve'],
      shape,
      argumentsOf: argumentsOf(definition, node),
      standing: shape.is === 'leaf' && !definition.resolve ? standingOf(name, shape) : undefined,
      nodes,
      node,
      below(type) {
        const known = plans.get(type);
        if (known) return known;
        const fields = collect(
          type,
          nodes.flatMap(({ selectionSet }) => selectionSet ?? []),
        );
        plans.set(type, fields);
        return fields;
      },
    };
  }
}

function shapeOf(schema: GraphQLSchema, type: GraphQLOutputType, nullable = true): Shape {
  if (isNonNullType(type)) return shapeOf(schema, type.ofType, false);
  if (isListType(type)) return { is: 'list', of: shapeOf(schema, type.ofType), nullable };
  if (isLeafType(type)) return { is: 'leaf', type, nullable };
  if (!isAbstractType(type)) return { is: 'object', type, nullable };
  const types = new Map(schema.getPossibleTypes(type).map((possible) => [possible.name, possible]));
  return { is: 'abstract', type, types, nullable };
}

/** What is sent as a variable was read already; everything else graphql-js reads. */
function argumentsOf(definition: GraphQLField<unknown, unknown>, node: FieldNode): Field['argumentsOf'] {
  if (definition.args.length === 0) return () => NO_ARGUMENTS;
  const given = new Map(node.arguments?.map(({ name, value }) => [name.value, value]));
  const read = (variables: Record<string, unknown>) => getArgumentValues(definition, node, variables);
  if ([...given.values()].some(({ kind }) => kind !== Kind.VARIABLE)) return read;
  const all = definition.args.map(({ name, type, defaultValue }) => {
    const value = given.get(name);
    const variable = value?.kind === Kind.VARIABLE ? value.name.value : undefined;
    return {
      name,
      variable,
      mayLack: !isNonNullType(type) && defaultValue === undefined,
      mayBeNull: !isNonNullType(type),
    };
  });
  return (variables) => {
    const values: Record<string, unknown> = {};
    for (const { name, variable, mayLack, mayBeNull } of all) {
      const value = variable !== undefined && Object.hasOwn(variables, variable) ? variables[variable] : undefined;
      if (value === undefined ? !mayLack : value === null && !mayBeNull) return read(variables);
      if (value !== undefined) values[name] = value;
    }
    return values;
  };
}

const NO_ARGUMENTS = Object.freeze({});

function standingOf(name: string, { type, nullable }: Extract<Shape, { is: 'leaf' }>): Field['standing'] {
  return (source) => {
    if (typeof source !== 'object') return undefined;
    const value = (source as Record<string, unknown> | null)?.[name];
    if (value == null) return nullable ? null : undefined;
    if (typeof value === 'function' || value instanceof Error || isPromise(value)) return undefined;
    try {
      return type.serialize(value) ?? undefined;
    } catch {
      return undefined;
    }
  };
}

interface Conditional {
  typeCondition?: FragmentDefinitionNode['typeCondition'] | undefined;
}

/** What is asked about the schema itself. */
const EVERYWHERE: ReadonlyMap<string, GraphQLField<unknown, unknown>> = new Map(
  [TypeNameMetaFieldDef, SchemaMetaFieldDef, TypeMetaFieldDef].map((definition) => [definition.name, definition]),
);

const isAsked = (node: SelectionNode, variables: Record<string, unknown>): boolean =>
  !node.directives?.length ||
  (getDirectiveValues(GraphQLSkipDirective, node, variables)?.if !== true &&
    getDirectiveValues(GraphQLIncludeDirective, node, variables)?.if !== false);

function hasDirectives(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    Directive: () => {
      found = true;
      return BREAK;
    },
  });
  return found;
}
