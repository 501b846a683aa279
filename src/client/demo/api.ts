import { readdir, readFile } from 'node:fs/promises';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

export type Json = Record<string, unknown>;

/** A running Boon, spoken to as any program would: over HTTP and a WebSocket, with a token. */
export interface Api {
  /** Sends the operation of this name from `operations/` and answers its data. Throws when there are errors. */
  send<Answer = Json>(name: string, variables?: Json): Promise<Answer>;
  /** Calls `each` for everything the operation's stream tells. Resolves once the stream stands. */
  listen<Message>(name: string, variables: Json, each: (message: Message) => void): Promise<() => void>;
}

const OPERATIONS = new URL('../operations/', import.meta.url);

/** Throws when nobody answers there. */
export async function connect(url: string, token: string): Promise<Api> {
  await fetch(new URL('/health/live', url));
  const documents = await readOperations();
  const authorization = `Bearer ${token}`;
  const endpoint = new URL('/graphql', url);
  const socketUrl = new URL(endpoint);
  socketUrl.protocol = endpoint.protocol.replace('http', 'ws');

  return {
    async send<Answer>(name: string, variables: Json = {}) {
      const response = await fetch(endpoint, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body: JSON.stringify({ query: documents.get(name), variables }),
      });
      const { data, errors } = (await response.json()) as { data: Answer; errors?: { message: string }[] };
      if (errors) throw new Error(`${name}: ${errors.map((error) => error.message).join(' ')}`);
      return data;
    },
    listen<Message>(name: string, variables: Json, each: (message: Message) => void) {
      return new Promise((resolve, reject) => {
        const client = createClient({
          url: socketUrl.href,
          webSocketImpl: WebSocket,
          connectionParams: { authorization },
          lazy: true,
          retryAttempts: 0,
        });
        client.on('error', reject);
        client.subscribe<Message>(
          { query: documents.get(name) ?? '', variables },
          { next: ({ data }) => data && each(data), error: reject, complete: () => {} },
        );
        client.on('connected', () => resolve(() => void client.dispose()));
      });
    },
  };
}

/** Every operation by its name, with the fragments it may use. */
async function readOperations(): Promise<Map<string, string>> {
  const names = (await readdir(OPERATIONS)).filter((name) => name.endsWith('.graphql'));
  const texts = await Promise.all(
    names.map(
      async (name) => [name.replace('.graphql', ''), await readFile(new URL(name, OPERATIONS), 'utf8')] as const,
    ),
  );
  return new Map(texts);
}
