import { GraphQLError } from 'graphql';
import { CursorExpiredError } from '../domain/cursors.ts';
import { isBrokenRule } from '../lib/errors.ts';
import type { Log } from '../platform/log.ts';

/** What `extensions.code` of a request error can be. */
export type RequestErrorCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'BAD_USER_INPUT'
  | 'RATE_LIMITED'
  | 'QUERY_TOO_COMPLEX'
  | 'CURSOR_EXPIRED'
  | 'SLOW_CONSUMER'
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

/** A verb names fields of what it was given; where no result has room for mistakes, they are told from the argument on. */
export const pointInto =
  (argument: string) =>
  (error: unknown): never => {
    throw isBrokenRule(error) ? badUserInput(error.message, [argument, ...error.path]) : error;
  };

/**
 * What a caller sees of an error. Whatever was not made for callers is logged and hidden behind the id of the
 * request, which answer and log share.
 */
export function toGraphQLError(error: unknown, requestId: string, log: Log): GraphQLError {
  const cause = causeOf(error);
  const told = readable(cause) ?? mask(cause, requestId, log);
  return error instanceof GraphQLError ? relocate(error, told) : told;
}

/** What a resolver threw, under the wrapping of graphql-js. */
function causeOf(error: unknown): unknown {
  if (!(error instanceof GraphQLError) || !error.originalError || hasCode(error)) return error;
  // Mistakes in variables are wrapped too, and it is the wrapping that says where they are.
  const inVariables = error.path === undefined && error.originalError instanceof GraphQLError;
  return inVariables && !hasCode(error.originalError) ? error : causeOf(error.originalError);
}

/** The error as a caller may read it; null when it was not made for callers. */
function readable(cause: unknown): GraphQLError | null {
  if (isBrokenRule(cause)) return badUserInput(cause.message, cause.path);
  if (cause instanceof CursorExpiredError) return requestError('CURSOR_EXPIRED', cause.message);
  if (!(cause instanceof GraphQLError)) return null;
  if (hasCode(cause)) return cause;
  // graphql-js points at what is wrong in a document; what points nowhere is a resolver's value that does not fit.
  return cause.nodes || cause.source ? invalidDocument(cause) : null;
}

/** The document or a variable is not what the schema asks for. */
function invalidDocument({ message }: GraphQLError): GraphQLError {
  const [, variable] = /^Variable "\$(\w+)" /.exec(message) ?? [];
  if (!variable) return requestError('BAD_USER_INPUT', message);
  const [, place = variable] = / at "([^"]+)"; /.exec(message) ?? [];
  // What lacks there, or is too much.
  const field = / Field "(\w+)" (?:of required type|is not defined)/.exec(message)?.slice(1) ?? [];
  return badUserInput(message, [...place.split(/[.[\]]+/).filter(Boolean), ...field]);
}

function mask(error: unknown, requestId: string, log: Log): GraphQLError {
  log.error('A request failed.', { requestId, error });
  const message = `Something failed on our side. It is logged as ${requestId}.`;
  return requestError('INTERNAL_SERVER_ERROR', message, { requestId });
}

/** The same error, at the place in the document and the answer where it came up. */
function relocate({ nodes, source, positions, path }: GraphQLError, told: GraphQLError): GraphQLError {
  return new GraphQLError(told.message, { nodes, source, positions, path, extensions: told.extensions });
}

const hasCode = (error: Error): boolean => error instanceof GraphQLError && typeof error.extensions.code === 'string';
