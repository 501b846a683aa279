import { Socket } from 'node:net';
import pg from 'pg';
import type { Log } from './log.ts';
import { repeat } from './repeat.ts';

/** The way to the database, for every connection of a process. */
export interface Lifeline extends AsyncDisposable {
  /** What pg makes a connection with. */
  stream: () => Socket;
}

export interface LifelineOptions {
  url: string;
  log: Log;
  /** How long the database may leave everything unanswered before that is taken for its end, in milliseconds. */
  silenceMs?: number;
}

const SILENCE_MS = 8_000;
/** Who has only to listen asks the host after so long whether it still knows of the connection, and every second then. */
const KEEP_ALIVE_MS = 5_000;
/** So often the database is asked while it answers, measured in how long it may be silent. */
const ASKED_PER_SILENCE = 4;

/**
 * A host that vanishes resets no connection: whoever waits for it waits a quarter of an hour, until the system gives up. So
 * the database is asked for a sign of life, on a connection of its own, and when there is none every connection that
 * heard nothing meanwhile is cut. What waits on it fails then, and what comes next makes a new one. How long a statement
 * may take is not the question: a server at work on one gives signs of life. Where another host has taken its place before
 * anybody noticed, that one is asked of every connection, and knows none of them.
 */
export function openLifeline({ url, log, silenceMs = SILENCE_MS }: LifelineOptions): Lifeline {
  const sockets = new Set<Socket>();
  const stream = (): Socket => {
    const socket = new Socket().setKeepAlive(true, KEEP_ALIVE_MS);
    sockets.add(socket);
    return socket.once('close', () => void sockets.delete(socket));
  };
  const pulse = openPulse(url, stream, silenceMs);
  /** What every connection had heard before the database was first asked in vain. */
  let noted: Noted | undefined;

  const watch = async (): Promise<void> => {
    noted ??= { at: performance.now(), bytes: new Map([...sockets].map((socket) => [socket, socket.bytesRead])) };
    const { at, bytes } = noted;
    const sign = await pulse.ask();
    if (sign === 'broken' && performance.now() - at < silenceMs) return;
    noted = undefined;
    if (sign !== 'life')
      cut([...bytes].filter(([socket, before]) => socket.bytesRead === before).map(([socket]) => socket));
  };
  const cut = (silent: readonly Socket[]): void => {
    if (silent.length === 0) return;
    log.warn('The database does not answer. What waits for it fails, and goes on once it is back.', {
      connections: silent.length,
    });
    for (const socket of silent) socket.destroy(new Error('The database does not answer.'));
  };

  const watching = repeat(silenceMs / ASKED_PER_SILENCE, log, watch);
  return {
    stream,
    async [Symbol.asyncDispose]() {
      const stopped = watching.stop();
      pulse.close();
      await stopped;
    },
  };
}

interface Noted {
  at: number;
  bytes: Map<Socket, number>;
}

/** Broken: the way there is no good, which may be over in a moment. None: it was silent for as long as it may be. */
type Sign = 'life' | 'none' | 'broken';

/** Asks the database whether it is there, on a connection that is made when it is needed and anew after it was lost. */
function openPulse(url: string, stream: () => Socket, patienceMs: number) {
  let current: { client: pg.Client; socket: Socket } | undefined;
  const close = (): void => {
    current?.socket.destroy();
    current = undefined;
  };
  const connect = async (): Promise<pg.Client> => {
    const socket = stream();
    const client = new pg.Client({ connectionString: url, stream: () => socket, application_name: 'boon lifeline' });
    current = { client, socket };
    // Noticed by the next question.
    client.on('error', () => {});
    return client.connect();
  };
  const answer = async (): Promise<Sign> => {
    try {
      const client = current?.client ?? (await connect());
      await client.query('SELECT 1');
      return 'life';
    } catch (error) {
      close();
      // One that refuses is there.
      return error instanceof pg.DatabaseError ? 'life' : 'broken';
    }
  };

  return {
    async ask(): Promise<Sign> {
      const late = Promise.withResolvers<Sign>();
      // What came while this process had no time to look is looked at first.
      const timer = setTimeout(() => setImmediate(() => late.resolve('none')), patienceMs);
      const sign = await Promise.race([answer(), late.promise]).finally(() => clearTimeout(timer));
      if (sign === 'none') close();
      return sign;
    },
    close,
  };
}
