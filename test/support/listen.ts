import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

/** One message of a stream. */
export interface Heard {
  // biome-ignore lint/suspicious/noExplicitAny: a message is whatever was asked for
  data?: any;
  errors?: readonly { message: string; extensions?: Record<string, unknown> }[];
}

export type Listen = (url: string, token: string, query: string, variables?: object) => AsyncIterableIterator<Heard>;

/** Listens as a stock graphql-ws client does, over a socket of its own. Throws when the socket is closed. */
export const overSocket: Listen = (url, token, query, variables = {}) => {
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
  });
  const stream = client.iterate({ query, variables: { ...variables } });
  return {
    async next() {
      try {
        return (await stream.next()) as IteratorResult<Heard>;
      } catch (errors) {
        if (Array.isArray(errors)) return { done: false, value: { errors } };
        throw errors;
      }
    },
    async return() {
      await stream.return?.();
      await client.dispose();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
};

/** Listens to server-sent events, as any program can. */
export const overEvents: Listen = (url, token, query, variables = {}) => {
  const gone = new AbortController();
  const stream = readEvents(url, token, JSON.stringify({ query, variables }), gone.signal);
  return {
    next: () => stream.next(),
    async return() {
      gone.abort();
      await stream.return(undefined).catch(() => {});
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
};

async function* readEvents(
  url: string,
  token: string,
  body: string,
  signal: AbortSignal,
): AsyncGenerator<Heard, undefined> {
  const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream', 'content-type': 'application/json' };
  const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body, signal });
  let text = '';
  for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const messages = text.split('\n\n');
    text = messages.pop() ?? '';
    for (const message of messages) {
      const data = /^event: next\ndata: (.*)$/.exec(message)?.[1];
      if (data) yield JSON.parse(data);
    }
  }
}

/** So many messages, then the stream is left. */
export async function hear(stream: AsyncIterableIterator<Heard>, count: number): Promise<Heard[]> {
  const heard: Heard[] = [];
  while (heard.length < count) {
    const { done, value } = await stream.next();
    if (done) break;
    heard.push(value);
  }
  await stream.return?.();
  return heard;
}

/** Something that happens again and again until what is waited for has come. */
export async function meanwhile<Result>(waiting: Promise<Result>, happen: () => Promise<unknown>): Promise<Result> {
  let over = false;
  const end = () => {
    over = true;
  };
  waiting.then(end, end);
  while (!over) await happen();
  return waiting;
}
