import {
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInputObjectType,
  isInputType,
  type OperationDefinitionNode,
  TypeInfo,
  typeFromAST,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import type { Context } from '../graphql/context.ts';

/** Executes one operation, of which everything but its variables is known; undefined when these do not fit it. */
export type Compiled = (
  variables: Record<string, unknown>,
  context: Context,
) => ExecutionResult | Promise<ExecutionResult> | undefined;

/**
 * The same resolvers in the same order, without asking anew for each request what the document says. For operations
 * over plain objects only: the compiler knows no `@oneOf`, and does not tell what Prisma's plugin wants to know.
 */
export function compile(schema: GraphQLSchema, operation: Operation): Compiled | undefined {
  if (!isPlain(schema, operation)) return undefined;
  const compiled = compileQuery(schema, operation.document, operation.operation.name?.value);
  if (!isCompiledQuery(compiled)) return undefined;
  return (variables, context) => {
    const answer = compiled.query(undefined, context, variables);
    // Nothing was executed: who executes without compiling says what is wrong with the variables.
    return 'then' in answer || 'data' in answer ? answer : undefined;
  };
}

interface Operation {
  document: DocumentNode;
  operation: OperationDefinitionNode;
}

function isPlain(schema: GraphQLSchema, { document, operation }: Operation): boolean {
  const inputs = (operation.variableDefinitions ?? []).map(({ type }) => typeFromAST(schema, type as never));
  let plain = inputs.every((type) => !isInputType(type) || holdsNoOneOf(getNamedType(type)));
  const typeInfo = new TypeInfo(schema);
  const look = () => {
    const type = getNamedType(typeInfo.getType());
    const ofPrisma = Object.keys(type?.extensions ?? {}).some((name) => name.startsWith('pothosPrisma'));
    if (!type || isAbstractType(type) || ofPrisma) plain = false;
  };
  visit(document, visitWithTypeInfo(typeInfo, { Field: look }));
  return plain;
}

function holdsNoOneOf(type: unknown, seen = new Set<unknown>()): boolean {
  if (!isInputObjectType(type) || seen.has(type)) return true;
  seen.add(type);
  return (
    !type.isOneOf && Object.values(type.getFields()).every((field) => holdsNoOneOf(getNamedType(field.type), seen))
  );
}
