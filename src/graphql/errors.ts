import { GraphQLError } from 'graphql';
import { type BrokenRule, isBrokenRule } from '../lib/errors.ts';
import type { Log } from '../platform/log.ts';

/** What `extensions.code` of a request error can be. */
export type RequestErrorCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'BAD_USER_INPUT'
  | 'RATE_LIMITED'
  | 'QUERY_TOO_COMPLEX'
  | 'CURSOR_EXPIRED'
  | 'INTERNAL_SERVER_ERROR';

/** An error a caller may read: it says what to do and nothing about our inside. */
export const requestError = (
  code: RequestErrorCode,
  message: string,
  extensions: Record<string, unknown> = {},
): GraphQLError => new GraphQLError(message, { extensions: { code, ...extensions } });

export const unauthenticated = (message = 'Sign in with a token: authorization: Bearer …'): GraphQLError =>
  requestError('UNAUTHENTICATED', message);

export const forbidden = (message = 'This is not yours to do.'): GraphQLError => requestError('FORBIDDEN', message);

/** `path` goes from the argument to the value at fault. */
export const badUserInput = (message: string, path: readonly string[] = []): GraphQLError =>
  requestError('BAD_USER_INPUT', message, { path });

/**
 * What a caller sees of an error. Whatever was not made for callers is logged and hidden behind the id of the
 * request, which answer and log share.
 */
export function toGraphQLError(error: unknown, requestId: string, log: Log): GraphQLError {
  if (!(error instanceof GraphQLError)) return mask(error, requestId, log);
  const cause = rootCause(error);
  if (isBrokenRule(cause)) return relocate(error, fromBrokenRule(cause));
  if (cause instanceof GraphQLError)
    return typeof cause.extensions.code === 'string' ? relocate(error, cause) : relocate(error, invalidDocument(cause));
  return relocate(error, mask(cause, requestId, log));
}

const fromBrokenRule = (rule: BrokenRule): GraphQLError => badUserInput(rule.message, rule.path);

/** Errors of graphql-js itself: the document or a variable is not what the schema asks for. */
function invalidDocument(error: GraphQLError): GraphQLError {
  const at = /at "(?<path>[^"]+)"/.exec(error.message)?.groups?.path;
  return at
    ? badUserInput(error.message, at.split(/[.[\]]+/).filter(Boolean))
    : requestError('BAD_USER_INPUT', error.message);
}

function mask(error: unknown, requestId: string, log: Log): GraphQLError {
  log.error('A request failed.', { requestId, error });
  return requestError('INTERNAL_SERVER_ERROR', `Something failed on our side. It is logged as ${requestId}.`, {
    requestId,
  });
}

/** graphql-js wraps what a resolver or a scalar throws, sometimes more than once. */
function rootCause(error: GraphQLError): unknown {
  let cause: unknown = error;
  while (cause instanceof GraphQLError && cause.originalError && typeof cause.extensions.code !== 'string')
    cause = cause.originalError;
  return cause;
}

/** The same error, at the place in the document and the answer where it came up. */
function relocate(
  { nodes, source, positions, path }: GraphQLError,
  { message, extensions }: GraphQLError,
): GraphQLError {
  return new GraphQLError(message, { nodes, source, positions, path, extensions });
}
