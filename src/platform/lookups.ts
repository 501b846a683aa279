import type { Writable } from 'node:stream';
import pg from 'pg';
import type { Lifeline } from './lifeline.ts';
import type { Log } from './log.ts';

export interface Lookups extends AsyncDisposable {
  /** Runs a statement that PostgreSQL has prepared under `name`. The same name always goes with the same text. */
  lookUp<Row>(name: string, text: string, values: readonly unknown[]): Promise<Row[]>;
  /**
   * The same for what is found by a list of ids. All who ask for some of it in one turn of the event loop, with the same
   * other values, are answered by one statement; each gets the rows of the ids they named.
   */
  lookUpEach<Row>(wanted: Wanted<Row>): Promise<Row[]>;
}

export interface Wanted<Row> {
  name: string;
  /** Its first value is the list of ids, as text. */
  text: string;
  ids: readonly string[];
  others?: readonly string[];
  /** By which of the ids a row was found. */
  idOf(row: Row): string;
}

export interface LookupsOptions {
  url: string;
  log: Log;
  lifeline?: Lifeline;
}

/** Enough that something long does not hold up everything else. */
const CONNECTIONS = 3;
const CONNECT_TIMEOUT_MS = 5_000;
/** What is looked up is found by ids, and by lists of ids, whichever they are: planning it anew takes longer than finding it. */
const ONE_PLAN = 'SET plan_cache_mode = force_generic_plan';

/**
 * For short reads that happen all the time. A few connections are shared by everyone: a statement is sent at the end of the
 * turn of the event loop, behind those that have no answer yet, and each is a transaction of its own. Nobody waits for a
 * connection, and PostgreSQL finds the next statement when it is done with one.
 */
export function openLookups({ url, log, lifeline }: LookupsOptions): Lookups {
  const lines = Array.from({ length: CONNECTIONS }, () => openLine({ url, log, lifeline }));
  let asked: Statement[] = [];
  const gathered = new Map<string, Gathered>();

  const ask = (name: string, text: string, values: () => readonly unknown[]) =>
    new Promise<unknown[]>((resolve, reject) => {
      if (asked.length === 0) setImmediate(send);
      asked.push({ name, text, values, resolve, reject });
    });
  const send = (): void => {
    const statements = asked;
    asked = [];
    gathered.clear();
    for (const line of lines) line.cork();
    for (const statement of statements)
      void lines.reduce((least, other) => (other.underWay < least.underWay ? other : least)).run(statement);
    for (const line of lines) line.uncork();
  };
  const gather = (name: string, text: string, others: readonly string[]): Gathered => {
    const key = JSON.stringify([name, ...others]);
    const known = gathered.get(key);
    if (known) return known;
    const ids = new Set<string>();
    const made = { ids, rows: ask(name, text, () => [[...ids], ...others]) };
    gathered.set(key, made);
    return made;
  };

  return {
    lookUp: <Row>(name: string, text: string, values: readonly unknown[]) =>
      ask(name, text, () => values) as Promise<Row[]>,
    async lookUpEach<Row>({ name, text, ids, others = [], idOf }: Wanted<Row>) {
      const all = gather(name, text, others);
      for (const id of ids) all.ids.add(id);
      const rows = (await all.rows) as Row[];
      const mine = new Set(ids);
      return mine.size === all.ids.size ? rows : rows.filter((row) => mine.has(idOf(row)));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(lines.map((line) => line.end()));
    },
  };
}

interface Statement {
  name: string;
  text: string;
  values(): readonly unknown[];
  resolve(rows: unknown[]): void;
  reject(error: unknown): void;
}

/** What will be asked for at the end of this turn. */
interface Gathered {
  ids: Set<string>;
  rows: Promise<unknown[]>;
}

type Connection = Promise<pg.Client>;

/** A connection that is made when it is first needed, and made anew after it was lost. */
function openLine({ url, log, lifeline }: LookupsOptions) {
  let current: Connection | undefined;
  let ready: pg.Client | undefined;
  let ended = false;

  const replace = (lost: Connection | undefined): void => {
    if (lost !== current) return;
    current = undefined;
    ready = undefined;
    lost?.then((client) => client.end()).catch(() => {});
  };
  const connect = (): Connection => {
    const client = new pg.Client({
      connectionString: url,
      pipeline: true,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      stream: lifeline?.stream,
      application_name: 'boon lookups',
    });
    const connection: Connection = client
      .connect()
      .then(() => client.query(ONE_PLAN))
      .then(() => {
        if (connection === current) ready = client;
        return client;
      });
    client.on('error', (error) => {
      if (!ended) log.warn('A database connection was lost and will be replaced.', { error });
      replace(connection);
    });
    return connection;
  };

  const connection = (): Connection => {
    current ??= connect();
    return current;
  };
  return {
    /** How many statements have no answer yet. */
    underWay: 0,
    async run({ name, text, values, resolve, reject }: Statement): Promise<void> {
      this.underWay += 1;
      const mine = connection();
      try {
        const client = ready ?? (await mine);
        resolve(await answerOf(client, name, text, values()));
      } catch (error) {
        // It is lost, or what it has prepared fits the tables no longer. What it was asked besides comes to its end.
        replace(mine);
        reject(error);
      } finally {
        this.underWay -= 1;
      }
    },
    /** Until it is uncorked, what is asked waits: a packet costs more than what is in it. */
    cork: () => streamOf(ready)?.cork(),
    uncork: () => streamOf(ready)?.uncork(),
    async end(): Promise<void> {
      ended = true;
      await (await current?.catch(() => undefined))?.end();
    },
  };
}

/** Not told as an object with a name in it: that is copied first, which takes longer than to send it. */
const answerOf = (client: pg.Client, name: string, text: string, values: readonly unknown[]) =>
  new Promise<unknown[]>((resolve, reject) => {
    const query = new pg.Query(text, values as unknown[], (error, result) =>
      error ? reject(error) : resolve(result.rows),
    );
    client.query(Object.assign(query, { name }));
  });

const streamOf = (client: pg.Client | undefined): Writable | undefined =>
  (client as unknown as { connection: { stream: Writable } } | undefined)?.connection.stream;
