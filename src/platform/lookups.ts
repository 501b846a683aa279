import type { Writable } from 'node:stream';
import pg from 'pg';
import type { Log } from './log.ts';

export interface Lookups extends AsyncDisposable {
  /** Runs a statement that PostgreSQL has prepared under `name`. The same name always goes with the same text. */
  lookUp<Row>(name: string, text: string, values: unknown[]): Promise<Row[]>;
}

/** Enough that something long does not hold up everything else. */
const CONNECTIONS = 3;
const CONNECT_TIMEOUT_MS = 5_000;
/** What is looked up is found by ids, and by lists of ids, whichever they are: planning it anew takes longer than finding it. */
const ONE_PLAN = 'SET plan_cache_mode = force_generic_plan';

/**
 * For short reads that happen all the time. A few connections are shared by everyone: a statement is sent at once, behind
 * those that have no answer yet, and each is a transaction of its own. Nobody waits for a connection, and PostgreSQL finds
 * the next statement when it is done with one.
 */
export function openLookups({ url, log }: { url: string; log: Log }): Lookups {
  const lines = Array.from({ length: CONNECTIONS }, () => openLine(url, log));

  return {
    async lookUp(name, text, values) {
      const line = lines.reduce((least, other) => (other.underWay < least.underWay ? other : least));
      line.underWay += 1;
      const connection = line.connection();
      try {
        const client = await connection;
        line.gather(client);
        return (await client.query({ name, text, values })).rows;
      } catch (error) {
        // It is lost, or what it has prepared fits the tables no longer. What it was asked besides comes to its end.
        line.replace(connection);
        throw error;
      } finally {
        line.underWay -= 1;
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(lines.map((line) => line.end()));
    },
  };
}

type Connection = Promise<pg.Client>;

/** A connection that is made when it is first needed, and made anew after it was lost. */
function openLine(url: string, log: Log) {
  let current: Connection | undefined;

  const replace = (lost: Connection | undefined): void => {
    if (lost !== current) return;
    current = undefined;
    lost?.then((client) => client.end()).catch(() => {});
  };
  const connect = (): Connection => {
    const client = new pg.Client({
      connectionString: url,
      pipeline: true,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      application_name: 'boon lookups',
    });
    const connection = client
      .connect()
      .then(() => client.query(ONE_PLAN))
      .then(() => client);
    client.on('error', (error) => {
      log.warn('A database connection was lost and will be replaced.', { error });
      replace(connection);
    });
    return connection;
  };

  let gathering = false;
  return {
    underWay: 0,
    replace,
    /** What is asked in one turn of the event loop goes out together: a packet costs more than what is in it. */
    gather(client: pg.Client): void {
      if (gathering) return;
      gathering = true;
      const { stream } = (client as unknown as { connection: { stream: Writable } }).connection;
      stream.cork();
      setImmediate(() => {
        gathering = false;
        stream.uncork();
      });
    },
    connection(): Connection {
      current ??= connect();
      return current;
    },
    async end(): Promise<void> {
      await (await current?.catch(() => undefined))?.end();
    },
  };
}
