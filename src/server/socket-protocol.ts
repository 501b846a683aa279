import type { ExecutionArgs, GraphQLSchema } from 'graphql';
import { makeServer } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { Services } from '../graphql/context.ts';
import { badUserInput, requestError } from '../graphql/errors.ts';
import type { Viewer } from '../graphql/viewer.ts';
import type { Departures } from './departures.ts';
import type { Admit } from './documents.ts';
import { type Answer, legibleErrors, run } from './execution/engine.ts';
import { FAREWELL, part } from './farewell.ts';
import { openContext } from './live-context.ts';
import { bearerToken, type Doorkeeper } from './viewer.ts';

export interface ProtocolOptions {
  schema: GraphQLSchema;
  services: Services;
  admit: Admit;
  doorkeeper: Doorkeeper;
  departures: Departures;
}

/** What belongs to one socket. */
export interface Party {
  socket: WebSocket;
  requestId: string;
  /** The caller's. */
  address: string;
  /** Nobody, until the connection is acknowledged. */
  viewer: Viewer;
  /** Aborts when the socket is closed. */
  gone: AbortSignal;
}

const MAX_SUBSCRIPTIONS = 50;

/** graphql-transport-ws: who may connect, and what they may ask. Subscriptions only; the rest is for HTTP. */
export function openProtocol({ schema, services, admit, doorkeeper, departures }: ProtocolOptions) {
  return makeServer<Record<string, unknown>, Party>({
    async onConnect({ extra: party, connectionParams = {} }) {
      const viewer = await doorkeeper.identify(tokenOf(connectionParams));
      if (viewer.is === 'refused' || viewer.is === 'anonymous') {
        part(party.socket, viewer.is === 'refused' && viewer.because === 'expired' ? FAREWELL.ended : FAREWELL.signIn);
        return false;
      }
      if (party.gone.aborted) return false;
      party.viewer = viewer;
      party.gone.addEventListener(
        'abort',
        departures.watch(viewer, () => part(party.socket, FAREWELL.ended)),
      );
      return true;
    },
    onSubscribe({ extra: party, subscriptions }, _id, { query, operationName, variables, extensions, ...others }) {
      const { socket, requestId, address, viewer, gone } = party;
      const refuse = (errors: readonly unknown[]) => legibleErrors(errors, { requestId, log: services.log });
      if (Object.keys(subscriptions).length > MAX_SUBSCRIPTIONS) {
        return refuse([requestError('RATE_LIMITED', `A socket carries at most ${MAX_SUBSCRIPTIONS} subscriptions.`)]);
      }
      const asked = { query, operationName: operationName ?? undefined, variables: variables ?? undefined };
      const admission = admit({ ...others, ...asked, extensions: extensions ?? undefined });
      if (admission.errors) return refuse(admission.errors);
      if (admission.operation.operation !== 'subscription') {
        return refuse([badUserInput('A socket carries subscriptions; send this over HTTP.', ['query'])]);
      }
      const ending = { signal: gone, onSlow: () => part(socket, FAREWELL.slow) };
      const contextValue = openContext(services, { viewer, requestId, address }, ending);
      const begin = () => run(schema, admission, contextValue, () => part(socket, FAREWELL.tryAgain));
      return { schema, document: admission.document, operationName, contextValue, begin };
    },
    subscribe: (asked) => (asked as ExecutionArgs & { begin: () => Promise<Answer> }).begin() as never,
  });
}

/** `{ authorization: "Bearer …" }` as in HTTP, or `{ token: "…" }`. */
function tokenOf(params: Record<string, unknown>): string | undefined {
  const authorization = params.authorization ?? params.Authorization;
  if (typeof authorization === 'string') return bearerToken(authorization);
  return typeof params.token === 'string' ? params.token : undefined;
}
