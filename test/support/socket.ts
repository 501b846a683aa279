import { once } from 'node:events';
import { WebSocket } from 'ws';

export interface Message {
  type: string;
  id?: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever was asked for
  payload?: any;
}

/** A socket, message by message. `params` sign in; null says nothing. */
export async function openSocket(url: string, params: object | null, options: { autoPong?: boolean } = {}) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', options);
  const heard: Message[] = [];
  socket.on('message', (data) => heard.push(JSON.parse(String(data))));
  const closed = once(socket, 'close').then(([code, reason]) => ({ code, reason: String(reason) }));
  await once(socket, 'open');
  const say = (message: object) => socket.send(JSON.stringify(message));
  const hear = async (type: string): Promise<Message> => {
    for (;;) {
      const found = heard.findIndex((message) => message.type === type);
      if (found >= 0) return heard.splice(found, 1)[0] ?? { type };
      await Promise.race([
        once(socket, 'message'),
        closed.then(({ code }) => Promise.reject(new Error(`closed: ${code}`))),
      ]);
    }
  };
  if (params) say({ type: 'connection_init', payload: params });
  return {
    socket,
    /** What was not asked for yet. */
    heard,
    closed,
    say,
    hear,
    subscribe: (query: string, variables: object = {}, id = 'one', others: object = {}) =>
      say({ type: 'subscribe', id, payload: { query, variables, ...others } }),
  };
}
