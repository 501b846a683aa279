import type { WebSocket } from 'ws';

/** How a socket is closed, beside what graphql-ws says by itself. A client comes back after all but `signIn`. */
export const FAREWELL = {
  /** The process ends; its successor, or another one, goes on. */
  goingAway: { code: 1001, reason: 'Going away', waitMs: 2_000 },
  /** Something failed on our side. Come back with the last cursor and nothing is missed. */
  tryAgain: { code: 1013, reason: 'Try again', waitMs: 2_000 },
  /** No token, or one that nobody has. */
  signIn: { code: 4401, reason: 'Sign in: connectionParams { authorization: "Bearer …" }', waitMs: 2_000 },
  /** The token or session has ended, perhaps while the socket was open. Come back with a fresh one. */
  ended: { code: 4403, reason: 'The sign-in has ended', waitMs: 2_000 },
  /** Too slow to hear it all. Come back with the last cursor and nothing is missed. It is slow in reading this as well. */
  slow: { code: 4290, reason: 'SLOW_CONSUMER: come back with the last cursor', waitMs: 15_000 },
} as const;

/** Closes a socket, and breaks it when the client does not answer in time. */
export function part(socket: WebSocket, { code, reason, waitMs }: (typeof FAREWELL)[keyof typeof FAREWELL]): void {
  if (socket.readyState !== socket.OPEN) return;
  socket.close(code, reason);
  const impatience = setTimeout(() => socket.terminate(), waitMs);
  socket.once('close', () => clearTimeout(impatience));
}
