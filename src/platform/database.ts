import { AsyncLocalStorage } from 'node:async_hooks';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from '../../prisma/generated/client/client.ts';
import type { Lifeline } from './lifeline.ts';
import type { Log } from './log.ts';
import { openLookups } from './lookups.ts';

/** The Prisma client inside a transaction: what domain verbs write with. */
export type Db = Parameters<Parameters<ReturnType<typeof openPrisma>['$transaction']>[0]>[0];

/** Runs a statement that PostgreSQL has prepared under `name`. The same name always goes with the same text. */
export type Run = <Row>(name: string, text: string, values: readonly unknown[]) => Promise<Row[]>;

export type Database = Awaited<ReturnType<typeof openDatabase>>;

export interface DatabaseOptions {
  url: string;
  log: Log;
  /** How it is reached, so that nobody waits for one that has vanished. */
  lifeline?: Lifeline;
  /** Connections this process may hold for its own statements. */
  connections?: number;
  /** How long a statement waits for one of them, in milliseconds. */
  patienceMs?: number;
  /** How long a statement waits for what another transaction holds, in milliseconds. */
  lockMs?: number;
}

const CONNECTIONS = 12;
const PATIENCE_MS = 5_000;
/** As long as a transaction may take. Its own limit does not end a statement that waits: this does. */
const LOCK_MS = 30_000;
const NAMED_STATEMENTS = 500;

/** Ciphertexts and hashes stay where they are unless a reader names them. */
const SECRET_COLUMNS = {
  accessToken: { digest: true },
  customerSession: { digest: true },
  accountLink: { ticket: true, state: true, verifier: true },
  licenseKey: { sealed: true },
  licenseSecret: { digest: true },
  linkedAccount: { tokens: true },
  webhookEndpoint: { secret: true, oldSecret: true },
} as const;

/** One pool for Prisma and for prepared statements alike; beside it, connections for what is looked up all the time. */
export async function openDatabase({
  url,
  log,
  lifeline,
  connections = CONNECTIONS,
  patienceMs = PATIENCE_MS,
  lockMs = LOCK_MS,
}: DatabaseOptions) {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: patienceMs,
    lock_timeout: lockMs,
    // Nothing outside is waited for in a transaction: a process that leaves one alone is gone, and what it held is set free.
    idle_in_transaction_session_timeout: 2 * patienceMs,
    stream: lifeline?.stream,
    application_name: 'boon',
  });
  pool.on('error', (error) => log.warn('A database connection was lost and will be replaced.', { error }));
  const begin = noticeBegun(pool);
  const prisma = openPrisma(pool);
  const lookups = openLookups({ url, log, lifeline });
  const run: Run = (name, text, values) => runOn(pool, name, text, values);

  return {
    prisma,
    patienceMs,
    /**
     * Runs a statement that PostgreSQL has prepared under `name`: for what is too hot for an ORM, and may take its time.
     * The same name always goes with the same text.
     */
    read: run,
    /** The same for one that changes something: done, and durable, once it answers. */
    write: run,
    /** A transaction, in which what is too hot for an ORM is run on the same connection. */
    begin: <Result>(work: (db: Db, run: Run) => Promise<Result>, limits: { maxWait: number; timeout: number }) =>
      begin((run) => prisma.$transaction((db) => work(db, run), limits)),
    lookUp: lookups.lookUp,
    lookUpEach: lookups.lookUpEach,
    async [Symbol.asyncDispose]() {
      await prisma.$disconnect();
      await lookups[Symbol.asyncDispose]();
      await pool.end();
      // It says goodbye and does not wait: a server that is stopped first says so to nobody who minds.
      pool.removeAllListeners('error').on('error', () => {});
    },
  };
}

/** The connection of a transaction, from its beginning to its end. */
interface Begun {
  connection: pg.PoolClient | null;
}

/**
 * Prisma tells nobody which connection a transaction has: whoever begins one through here learns it when Prisma takes
 * it from the pool, and forgets it when Prisma gives it back, so that no statement strays into the transaction of another.
 */
function noticeBegun(pool: pg.Pool) {
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

async function runOn<Row>(
  on: pg.Pool | pg.PoolClient,
  name: string,
  text: string,
  values: readonly unknown[],
): Promise<Row[]> {
  const { rows } = await on.query({ name, text, values: values as unknown[] });
  return rows as Row[];
}

function openPrisma(pool: pg.Pool) {
  const adapter = new PrismaPg(pool, { disposeExternalPool: false, statementNameGenerator: nameStatements() });
  return new PrismaClient({ adapter, omit: SECRET_COLUMNS, log: [] });
}

/**
 * Statements that have a name are planned once per connection. Prisma writes a handful of them again and again, and
 * some, with lists of every length, only once: past a limit they stay nameless.
 */
function nameStatements(): (query: { sql: string }) => string {
  const names = new Map<string, string>();
  return ({ sql }) => {
    const known = names.get(sql);
    if (known) return known;
    if (names.size >= NAMED_STATEMENTS) return '';
    const name = `prisma ${names.size}`;
    names.set(sql, name);
    return name;
  };
}

/** Whether a statement that ran by itself met what another was doing, and so has done nothing. */
export const wasOvertaken = (error: unknown): boolean => OVERTAKEN.has((error as { code?: string }).code ?? '');

/** A unique constraint that is violated, a serialization conflict, a deadlock. */
const OVERTAKEN = new Set(['23505', '40001', '40P01']);

/** The name of the unique constraint that `error` reports as violated; null for any other error. */
export function uniqueViolation(error: unknown): string | null {
  const { code, meta } = error as { code?: string; meta?: { driverAdapterError?: { cause?: UniqueCause } } };
  if (code !== 'P2002') return null;
  const constraint = meta?.driverAdapterError?.cause?.constraint;
  return constraint?.index ?? constraint?.fields?.join(', ') ?? '';
}

interface UniqueCause {
  constraint?: { index?: string; fields?: string[] };
}
