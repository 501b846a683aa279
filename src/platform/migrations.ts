import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { StartError } from '../lib/start-error.ts';
import type { Lifeline } from './lifeline.ts';
import type { Log } from './log.ts';

export interface MigrateOptions {
  url: string;
  log: Log;
  lifeline?: Lifeline;
  /** Where the migrations lie; those of Boon unless named. */
  dir?: string;
}

export const MIGRATIONS_DIR = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));

const CONNECT_TIMEOUT_MS = 5_000;
const OLDEST_VERSION = 15;
/** Held while the schema changes, so that of several processes that start at once one changes it and the others wait. */
export const MIGRATION_LOCK = [0x626f6f6e, 3];

/** Brings the database to the schema this version of Boon needs. */
export async function migrate({ url, log, lifeline, dir = MIGRATIONS_DIR }: MigrateOptions): Promise<void> {
  const migrations = await readMigrations(dir);
  const session = await connect(url, lifeline);
  try {
    await requireVersion(session);
    if ((await missing(session, migrations)).length === 0) return;
    await session.query('SELECT pg_advisory_lock($1, $2)', MIGRATION_LOCK);
    const wanted = await missing(session, migrations);
    if (wanted.length === 0) return;
    const names = await apply(url, dir, migrations, lifeline);
    // That an empty database is filled is no news.
    if (wanted.length < migrations.length) log.info('The database schema was changed.', { migrations: names });
  } finally {
    await session.end();
  }
}

async function connect(url: string, lifeline: Lifeline | undefined): Promise<pg.Client> {
  const session = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    stream: lifeline?.stream,
    application_name: 'boon migrations',
  });
  // Noticed by the next statement.
  session.on('error', () => {});
  try {
    return await session.connect();
  } catch (error) {
    const { message, code } = error as { message: string; code?: string };
    throw new StartError(`The database at ${session.host}:${session.port} cannot be used: ${message || code}`, {
      cause: error,
    });
  }
}

async function requireVersion(session: pg.Client): Promise<void> {
  const { rows } = await session.query('SHOW server_version_num');
  const version = Math.floor(Number(rows[0].server_version_num) / 10_000);
  if (version < OLDEST_VERSION) {
    throw new StartError(`The database is PostgreSQL ${version}; Boon needs ${OLDEST_VERSION} or newer.`);
  }
}

interface Migration {
  name: string;
  sql: string;
}

async function readMigrations(dir: string): Promise<Migration[]> {
  const entries = await readdir(dir, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => ({ name, sql: await readFile(join(dir, name, 'migration.sql'), 'utf8') })),
  );
}

async function missing(session: pg.Client, migrations: readonly Migration[]): Promise<Migration[]> {
  const applied = await checksums(session);
  for (const { name, sql } of migrations) {
    if (applied.has(name) && applied.get(name) !== createHash('sha256').update(sql).digest('hex')) {
      throw new StartError(
        `The migration ${name} was changed after this database was made with it; begin with an empty database (for the embedded one: delete the data folder).`,
      );
    }
  }
  return migrations.filter(({ name }) => !applied.has(name));
}

async function checksums(session: pg.Client): Promise<Map<string, string>> {
  const { rows: tables } = await session.query(`SELECT to_regclass('_prisma_migrations') IS NOT NULL AS stands`);
  if (!tables[0].stands) return new Map();
  const { rows } = await session.query(
    'SELECT migration_name, checksum FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
  );
  return new Map(rows.map(({ migration_name, checksum }) => [migration_name, checksum]));
}

/** The engine takes a while to load, so it is loaded only when there is something to do. */
async function apply(
  url: string,
  dir: string,
  migrations: readonly Migration[],
  lifeline: Lifeline | undefined,
): Promise<string[]> {
  const { applyMigrations } = await import('./schema-engine.ts');
  const list: Parameters<typeof applyMigrations>[1] = {
    baseDir: dir,
    lockfile: { path: 'migration_lock.toml', content: await readFile(join(dir, 'migration_lock.toml'), 'utf8') },
    shadowDbInitScript: '',
    migrationDirectories: migrations.map(({ name, sql }) => ({
      path: name,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: sql } },
    })),
  };
  return applyMigrations(url, list, lifeline);
}
