import { AsyncLocalStorage } from 'node:async_hooks';
import type pg from 'pg';

/** Runs a statement that PostgreSQL has prepared under `name`. The same name always goes with the same text. */
export type Run = <Row>(name: string, text: string, values: readonly unknown[]) => Promise<Row[]>;

/** The connection of a transaction, from its beginning to its end. */
interface Begun {
  connection: pg.PoolClient | null;
}

/**
 * Prisma tells nobody which connection a transaction has: whoever begins one through here learns it when Prisma takes
 * it from the pool, and forgets it when Prisma gives it back, so that no statement strays into the transaction of another.
 */
export function noticeBegun(pool: pg.Pool) {
  const beginning = new AsyncLocalStorage<Begun>();
  const connect = pool.connect.bind(pool) as (callback?: unknown) => Promise<pg.PoolClient>;
  const keep = (begun: Begun, connection: pg.PoolClient): pg.PoolClient => {
    const release = connection.release.bind(connection);
    begun.connection = connection;
    connection.release = (error) => {
      begun.connection = null;
      release(error);
    };
    return connection;
  };
  pool.connect = ((callback?: unknown) => {
    const begun = beginning.getStore();
    if (callback || !begun || begun.connection) return connect(callback);
    return connect().then((connection) => keep(begun, connection));
  }) as pg.Pool['connect'];

  return function begin<Result>(transaction: (run: Run) => Promise<Result>): Promise<Result> {
    const begun: Begun = { connection: null };
    const run: Run = (name, text, values) => {
      if (!begun.connection) throw new Error('The transaction is over.');
      return runOn(begun.connection, name, text, values);
    };
    return beginning.run(begun, () => transaction(run));
  };
}

export async function runOn<Row>(
  on: pg.Pool | pg.PoolClient,
  name: string,
  text: string,
  values: readonly unknown[],
): Promise<Row[]> {
  const { rows } = await on.query({ name, text, values: values as unknown[] });
  return rows as Row[];
}
