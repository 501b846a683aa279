import pg from 'pg';
import type { Bus } from './bus.ts';
import { openListeners } from './bus-listeners.ts';
import type { Lifeline } from './lifeline.ts';
import type { Log } from './log.ts';

const CHANNEL = 'boon_bell';
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;
const CONNECT_TIMEOUT_MS = 5_000;

export interface PostgresBusOptions {
  url: string;
  log: Log;
  lifeline?: Lifeline;
}

/**
 * Rings through PostgreSQL's LISTEN and NOTIFY, over one connection of its own. It must be a direct one: a pooler that
 * hands out connections per transaction swallows the rings. What is rung while the connection is lost is lost; when it
 * is back, everyone who listens is rung once, so that they look at the log.
 */
export async function openPostgresBus({ url, log, lifeline }: PostgresBusOptions): Promise<Bus> {
  const listeners = openListeners();
  const waiting = new Set<string>();
  let client: pg.Client | null = null;
  let sending: Promise<void> | null = null;
  let retry: NodeJS.Timeout | undefined;
  let closed = false;

  const connect = async (): Promise<void> => {
    const fresh = new pg.Client({
      connectionString: url,
      application_name: 'boon bus',
      stream: lifeline?.stream,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    });
    fresh.on('notification', ({ payload = '' }) => listeners.ring(payload));
    fresh.on('error', (error) => lose(fresh, error));
    fresh.on('end', () => lose(fresh));
    try {
      await fresh.connect();
      await fresh.query(`LISTEN ${CHANNEL}`);
    } catch (error) {
      fresh.end().catch(() => {});
      throw error;
    }
    if (closed) return fresh.end();
    client = fresh;
    listeners.ringAll();
  };
  const lose = (lost: pg.Client, error?: Error): void => {
    if (client !== lost || closed) return;
    client = null;
    log.warn(
      'The bus lost its connection to PostgreSQL and reconnects. Live streams look at the log by themselves until then.',
      { error },
    );
    lost.end().catch(() => {});
    reconnect(FIRST_RETRY_MS);
  };
  const reconnect = (delay: number): void => {
    if (closed) return;
    retry = setTimeout(() => connect().catch(() => reconnect(Math.min(delay * 2, LONGEST_RETRY_MS))), delay);
  };
  /** Everything rung while one statement was under way goes out with the next. */
  const send = async (): Promise<void> => {
    while (client && waiting.size > 0) {
      const topics = [...waiting];
      waiting.clear();
      await client
        .query('SELECT pg_notify($1, topic) FROM unnest($2::text[]) AS topic', [CHANNEL, topics])
        .catch(() => {});
    }
    waiting.clear();
    sending = null;
  };

  await connect();
  return {
    ring(topics) {
      if (!client) return;
      for (const topic of topics) waiting.add(topic);
      if (waiting.size > 0) sending ??= send();
    },
    async listen(topic, onRing) {
      const leave = listeners.add(topic, onRing);
      return async () => leave();
    },
    isUp: () => client !== null,
    async [Symbol.asyncDispose]() {
      closed = true;
      clearTimeout(retry);
      await sending;
      await client?.end();
    },
  };
}
