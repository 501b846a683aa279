import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphQLSchema } from 'graphql';
import { type Context, createContext, type Services } from '../graphql/context.ts';
import { goOn, type Soon } from '../lib/soon.ts';
import type { Admission, Admit, Admitted, Asked } from './documents.ts';
import { type Answer, run } from './execution/engine.ts';
import { LONGEST_PAGE } from './limits.ts';
import type { PersistedOperations } from './persisted.ts';

/**
 * The short way for queries and mutations that are sent as nearly everyone sends them: executed on the same schema, with
 * the same resolvers and context, they are answered without the layers of Request and Response. Documents that were known
 * when the process started are parsed, validated and found within the limits once. Whatever is out of the ordinary takes
 * the long way; both answer alike.
 */
export interface Lane {
  /** The operation that is meant, or why it may not be executed. */
  admit(request: IncomingMessage, asked: Asked): Admission;
  /** Whether it may take the short way. */
  takes(request: IncomingMessage, admission: Admission): admission is Admitted;
  /** Answers, unless there is something to tell that takes HTTP to tell: that is handed back, to be told the long way. */
  answer(
    response: ServerResponse,
    admitted: Admitted,
    request: Pick<Context, 'viewer' | 'requestId' | 'address'>,
  ): Soon<{ answer: Answer; context: Context } | null>;
}

/** What a client accepts, and the type it is answered with. */
const TYPES: Record<string, string> = {
  '*/*': 'application/json; charset=utf-8',
  'application/graphql-response+json': 'application/graphql-response+json; charset=utf-8',
  'application/json': 'application/json; charset=utf-8',
};

export interface LaneOptions {
  schema: GraphQLSchema;
  services: Services;
  persisted: PersistedOperations;
  admit: Admit;
  /** Aborts when the process is about to end. */
  draining: AbortSignal;
}

export function openLane({ schema, services, persisted, admit, draining }: LaneOptions): Lane {
  const trusted = new Map<string, Admitted>();
  /** The same by the ids that clients have named them by. */
  const familiars = new Map<string, Admitted>();
  for (const text of persisted.texts()) {
    const admitted = admitFully(admit, text);
    if (admitted) trusted.set(text, admitted);
  }

  return {
    admit(request, asked) {
      const familiar = asked.operationName ? undefined : familiars.get(asked.documentId ?? '');
      if (familiar && isOrdinary(request)) return { ...familiar, variables: asked.variables ?? {} };
      const text = isOrdinary(request) && persisted.knows(asked) ? persisted.find(asked) : undefined;
      const known = text === undefined ? undefined : trusted.get(text);
      const isMeant = known && (!asked.operationName || asked.operationName === known.operation.name?.value);
      if (!isMeant) return admit(asked);
      if (asked.documentId !== undefined) familiars.set(asked.documentId, known);
      return { ...known, variables: asked.variables ?? {} };
    },
    takes: (request, admission): admission is Admitted =>
      isOrdinary(request) && !admission.errors && admission.operation.operation !== 'subscription',
    answer(response, admitted, request) {
      const context = createContext(services, request);
      const answered = run(schema, admitted, context, () => {});
      return goOn(answered, (answer) => {
        if (!('data' in answer) || answer.errors) return { answer, context };
        const body = JSON.stringify(answer);
        const bytes = Buffer.byteLength(body);
        if (draining.aborted) response.setHeader('connection', 'close');
        // All at once: one by one they would take longer.
        response.writeHead(200, [
          ...marksOf(request.requestId),
          'content-type',
          TYPES[typeOf(response.req.headers)] ?? '',
          'content-length',
          String(bytes),
        ]);
        // Where each character is a byte, nothing has to be encoded.
        response.end(body, bytes === body.length ? 'latin1' : 'utf8');
        return null;
      });
    },
  };
}

/** The headers that every answer carries, names and values in turn. */
export const marksOf = (requestId: string) =>
  [
    'x-request-id',
    requestId,
    'access-control-allow-origin',
    '*',
    'access-control-expose-headers',
    'x-request-id, retry-after',
  ] as const;

const isOrdinary = ({ method, headers }: IncomingMessage): boolean => method === 'POST' && typeOf(headers) in TYPES;

const typeOf = ({ accept = '*/*' }: IncomingMessage['headers']): string => accept;

/** A document that is sound and within the limits whatever its variables say; every page is taken to be full. */
function admitFully(admit: Admit, query: string): Admitted | undefined {
  const first = admit({ query });
  if (first.errors || first.operation.operation === 'subscription') return undefined;
  const names = first.operation.variableDefinitions?.map(({ variable }) => variable.name.value) ?? [];
  const full = admit({ query, variables: Object.fromEntries(names.map((name) => [name, LONGEST_PAGE])) });
  return full.errors ? undefined : full;
}
