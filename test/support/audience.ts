import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { resume } from '../../src/client/resume.ts';
import { overEvents } from './listen.ts';

/** Somebody who listens for as long as it takes, at whichever node answers, and goes on from the last cursor. */
export interface Listener extends AsyncDisposable {
  /** The ids of the events that were told, in the order in which they were. */
  told: string[];
  /** What went wrong for good. */
  failures: unknown[];
}

const QUERY = 'subscription ($after: String) { eventAppended(after: $after) { cursor id } }';
const RETRY_MS = 20;

type Urls = readonly [string, string];

/** A stock client, as docs/live.md says to use it. It takes the other node whenever it connects anew. */
export function listenOverSocket(urls: Urls, token: string, after: string): Listener {
  const listener = { told: [] as string[], failures: [] as unknown[] };
  let connections = 0;
  const client = createClient({
    url: () => `${(urls[connections++ % 2] ?? urls[0]).replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { token },
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, RETRY_MS)),
  });
  const stop = resume<{ eventAppended: { id: string } }>(
    client,
    { query: QUERY, variables: { after } },
    {
      next: ({ data, errors }) => (data ? listener.told.push(data.eventAppended.id) : listener.failures.push(errors)),
      error: (error) => listener.failures.push(error),
      complete: () => listener.failures.push('complete'),
    },
  );
  return {
    ...listener,
    async [Symbol.asyncDispose]() {
      stop();
      await client.dispose();
    },
  };
}

/** Server-sent events, read by hand. */
export function listenToEvents(urls: Urls, token: string, begin: string): Listener {
  const listener = { told: [] as string[], failures: [] as unknown[] };
  let stopped = false;
  let stream: ReturnType<typeof overEvents> | undefined;
  const listen = async (): Promise<void> => {
    let after = begin;
    for (let connections = 0; !stopped; connections++) {
      stream = overEvents(urls[connections % 2] ?? urls[0], token, QUERY, { after });
      try {
        for await (const { data, errors } of stream) {
          if (!data) listener.failures.push(errors);
          after = data.eventAppended.cursor;
          listener.told.push(data.eventAppended.id);
        }
      } catch {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  };
  const listening = listen();
  return {
    ...listener,
    async [Symbol.asyncDispose]() {
      stopped = true;
      await stream?.return?.();
      await listening;
    },
  };
}
