import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ExecutionResult, GraphQLError, type GraphQLSchema } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import type { Context } from '../graphql/context.ts';
import { requestError, toGraphQLError } from '../graphql/errors.ts';
import type { Admission } from './documents.ts';
import { type Answer, isStream, legibleErrors, run } from './execution/engine.ts';

/** What the HTTP server already knows about a request when it hands it over. */
export interface Handover {
  admission: Admission;
  context: Context;
  /** What the operation came to, if it was executed already. */
  answer?: Answer;
  onBroken: () => void;
}

export type Execute = (request: IncomingMessage, response: ServerResponse, handover: Handover) => Promise<Response>;

/** Answers one request in the form its `accept` asks for: JSON, or a stream of server-sent events. */
export function openYoga(schema: GraphQLSchema): Execute {
  const yoga = createYoga<Handover>({
    schema,
    logging: false,
    graphiql: false,
    landingPage: false,
    // All of this the HTTP server has done.
    cors: false,
    multipart: false,
    maxRequestBodySize: false,
    parserAndValidationCache: false,
    // Errors arrive masked; this is for what fails in Yoga itself.
    maskedErrors: {
      maskError: (error) =>
        error instanceof GraphQLError ? error : requestError('INTERNAL_SERVER_ERROR', 'Something failed on our side.'),
    },
    plugins: [ourWay(schema)],
  });
  return async (request, response, handover) => {
    // Yoga makes a URL of what a request says about where it goes; that it came here is known, and what it says may be no URL.
    request.headers.host = 'localhost';
    Object.assign(request, { originalUrl: '/graphql' });
    try {
      return await yoga.handleNodeRequestAndResponse(request, response, handover);
    } catch (error) {
      const { requestId, log } = handover.context;
      return Response.json({ errors: [toGraphQLError(error, requestId, log)] }, { status: 500 });
    }
  };
}

/** Requests were read and admitted, and are executed, as on every other transport; Yoga speaks HTTP. */
const ourWay = (schema: GraphQLSchema): Plugin<object, Handover> => ({
  onRequestParse({ setRequestParser }) {
    setRequestParser(() => ({ query: '' }));
  },
  onParams({ request, context, setParamsHandler }) {
    const { admission, context: ours, answer: known, onBroken } = context as unknown as Handover;
    setParamsHandler(async () => {
      if (known) return known;
      if (admission.errors)
        return { errors: legibleErrors(admission.errors, ours).map((error) => withStatus(error, 400)) };
      if (request.method === 'GET' && admission.operation.operation === 'mutation') {
        return {
          errors: [
            withStatus(requestError('BAD_USER_INPUT', 'A mutation must be sent with POST.'), 405, { Allow: 'POST' }),
          ],
        };
      }
      const answer = await run(schema, admission, ours, onBroken);
      return isStream(answer) ? withLastWord(answer) : answer;
    });
  },
});

/** The error that ends a stream is told as its last message. */
function withLastWord(stream: AsyncIterableIterator<ExecutionResult>): AsyncIterableIterator<ExecutionResult> {
  const { next } = stream;
  let over = false;
  return Object.assign(stream, {
    async next() {
      if (over) return { done: true as const, value: undefined };
      try {
        return await next();
      } catch (error) {
        over = true;
        return { done: false as const, value: { errors: [error as GraphQLError] } };
      }
    },
  });
}

/** `spec`: a plain `application/json` answer to a well-formed request is 200 all the same. */
const withStatus = (error: GraphQLError, status: number, headers?: Record<string, string>): GraphQLError =>
  new GraphQLError(error.message, {
    nodes: error.nodes,
    source: error.source,
    positions: error.positions,
    path: error.path,
    extensions: { ...error.extensions, http: { status, spec: status === 400, ...(headers && { headers }) } },
  });
