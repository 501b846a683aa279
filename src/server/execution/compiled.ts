import {
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
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
import type { Context } from '../../graphql/context.ts';

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
  const told = (answer: ExecutionResult): ExecutionResult =>
    answer.errors
      ? { errors: answer.errors.map((error) => asExecuted(operation.document, error)), data: answer.data ?? null }
      : answer;
  return (variables, context) => {
    const answer = compiled.query(undefined, context, variables);
    if ('then' in answer) return answer.then(told);
    // Nothing was executed: who executes without compiling says what is wrong with the variables.
    return 'data' in answer ? told(answer) : undefined;
  };
}

/** An error as graphql-js would have made it of what a resolver threw. */
function asExecuted({ loc }: DocumentNode, { message, path, locations, originalError }: GraphQLError): GraphQLError {
  if (Array.isArray((originalError as GraphQLError | undefined)?.path)) return originalError as GraphQLError;
  const lines = loc?.source.body.split('\n') ?? [];
  const positions = locations?.map(
    ({ line, column }) => lines.slice(0, line - 1).join('\n').length + (line > 1 ? column : column - 1),
  );
  return new GraphQLError(message, {
    source: loc?.source,
    positions,
    path,
    originalError: originalError ?? new Error(message),
  });
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
    if (!type || isAbstractType(type) || type.extensions.pothosPrismaModel) plain = false;
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
