import { createSourceEventStream, type ExecutionResult, type GraphQLError, type GraphQLSchema } from 'graphql';
import type { Context } from '../../graphql/context.ts';
import { toGraphQLError } from '../../graphql/errors.ts';
import { goOn, isPromise, type Soon } from '../../lib/soon.ts';
import { DONE, streamOf } from '../../lib/stream.ts';
import type { Admitted } from '../documents.ts';
import { executorOf } from './executor.ts';

export type Answer = ExecutionResult | AsyncIterableIterator<ExecutionResult>;

/**
 * Executes an operation for whoever asks, over whatever transport; its errors are such that anyone may read them.
 * `onBroken`: a stream cannot begin, or tell something, because of a failure on our side. Break the connection, so that the
 * client comes back with the last cursor it has and misses nothing.
 */
export function run(
  schema: GraphQLSchema,
  { document, operation, variables }: Admitted,
  context: Context,
  onBroken: () => void,
): Soon<Answer> {
  const operationName = operation.name?.value;
  const asked = { schema, document, variableValues: variables, operationName, contextValue: context };
  const execute = (rootValue?: unknown) => executorOf(schema, document, operation)(variables, context, rootValue);
  const fail = (error: unknown) => ({ errors: [toGraphQLError(error, context.requestId, context.log)] });
  const listen = async () => {
    const source = await createSourceEventStream(asked);
    return Symbol.asyncIterator in source
      ? answerEach(source[Symbol.asyncIterator](), execute, context, onBroken)
      : unbroken(legible(source, context), onBroken);
  };
  try {
    if (operation.operation === 'subscription') return listen().catch(fail);
    const answer = execute();
    return isPromise(answer) ? answer.then((come) => legible(come, context)).catch(fail) : legible(answer, context);
  } catch (error) {
    return fail(error);
  }
}

/** The same errors, as a caller may see them. */
export const legibleErrors = (
  errors: readonly unknown[],
  { requestId, log }: Pick<Context, 'requestId' | 'log'>,
): GraphQLError[] => errors.map((error) => toGraphQLError(error, requestId, log));

export const isStream = (answer: object): answer is AsyncIterableIterator<ExecutionResult> =>
  Symbol.asyncIterator in answer;

const legible = (answer: ExecutionResult, context: Context): ExecutionResult =>
  answer.errors ? { ...answer, errors: legibleErrors(answer.errors, context) } : answer;

/** Whoever is told of a failure of ours would take it for the end of the stream. */
function unbroken(answer: ExecutionResult, onBroken: () => void): ExecutionResult {
  if (answer.errors?.some(({ extensions }) => extensions.code === 'INTERNAL_SERVER_ERROR')) onBroken();
  return answer;
}

/** One answer to each event. */
function answerEach(
  source: AsyncIterator<unknown>,
  execute: (event: unknown) => ExecutionResult | Promise<ExecutionResult>,
  context: Context,
  onBroken: () => void,
): AsyncIterableIterator<ExecutionResult> {
  const tell = (answer: ExecutionResult) =>
    ({ done: false, value: unbroken(legible(answer, context), onBroken) }) as const;
  const hear = ({ done, value: event }: IteratorResult<unknown>): Soon<IteratorResult<ExecutionResult, undefined>> =>
    done ? DONE : goOn(execute(event), tell);
  const fail = (error: unknown): never => {
    throw toGraphQLError(error, context.requestId, context.log);
  };
  // No async function: thousands wait here, and each of them would keep one.
  return streamOf(
    () => source.next().then(hear).catch(fail),
    () => source.return?.(),
  );
}
