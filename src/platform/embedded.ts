import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { StartError } from '../lib/start-error.ts';
import { findPlace, type Place } from './embedded-place.ts';
import { ensureCluster, ensureServer, type Settings, stopServer, USER } from './embedded-server.ts';
import { keptSecret } from './kept-secret.ts';

/** A PostgreSQL of our own. Whoever is done with it last stops it. */
export interface Embedded extends AsyncDisposable {
  url: string;
}

export interface EmbeddedOptions {
  /** Made when missing, kept between starts. */
  dataDir: string;
  /** Settings of PostgreSQL; they count when it is this call that starts it. */
  settings?: Settings;
}

/** Advisory locks end with the process that holds them, however it ends, so that none is ever left over. */
const LOCK_SPACE = 0x626f6f6e;
const USERS_LOCK = 1;
const OWNER_LOCK = 2;
/** How long PostgreSQL may take to notice that a process was killed. */
const OWNER_TIMEOUT_MS = 1_000;
/** A server that is just being stopped by somebody else is waited for, then started again. */
const CONNECT_TIMEOUT_MS = 30_000;
const POLL_MS = 15;
const NO_SERVER = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', '57P01', '57P03']);
const WRONG_PASSWORD = '28P01';
const LOCK_TIMEOUT = '55P03';

/** For the one Boon that may run on a data folder; refuses when another one does. */
export async function openEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { session, ...embedded } = await use(options);
  try {
    await session.query(`SET lock_timeout = ${OWNER_TIMEOUT_MS}`);
    await session.query('SELECT pg_advisory_lock($1, $2)', [LOCK_SPACE, OWNER_LOCK]);
    return embedded;
  } catch (error) {
    const owner = codeOf(error) === LOCK_TIMEOUT ? await ownerOf(session) : undefined;
    await embedded[Symbol.asyncDispose]();
    if (!owner) throw error;
    throw new StartError(
      `Boon already runs on ${resolve(options.dataDir)} (${owner}); stop it, or choose another folder with DATA_DIR.`,
    );
  }
}

/** For a script beside a Boon that may or may not run. */
export async function joinEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { session: _, ...embedded } = await use(options);
  return embedded;
}

async function use({ dataDir, settings = {} }: EmbeddedOptions): Promise<Embedded & { session: pg.Client }> {
  const place = await findPlace(dataDir);
  const password = await keptSecret(join(dataDir, 'database-password'));
  await ensureCluster(place, password);
  const deadline = Date.now() + CONNECT_TIMEOUT_MS;
  for (;;) {
    const url = `postgresql://${USER}:${password}@127.0.0.1:${await ensureServer(place, settings)}/postgres?sslmode=disable`;
    try {
      const session = await openSession(url);
      return { url, session, [Symbol.asyncDispose]: () => leave(session, place) };
    } catch (error) {
      if (codeOf(error) === WRONG_PASSWORD)
        throw new StartError(
          `The password in ${dataDir} does not open the database there; put back the file that belongs to it.`,
        );
      if (!NO_SERVER.has(codeOf(error)) || Date.now() > deadline) throw error;
      await delay(POLL_MS);
    }
  }
}

async function openSession(url: string): Promise<pg.Client> {
  const session = new pg.Client({ connectionString: url, application_name: `process ${process.pid}` });
  // Noticed where it matters: by the next statement.
  session.on('error', () => {});
  await session.connect();
  await session.query('SELECT pg_advisory_lock_shared($1, $2)', [LOCK_SPACE, USERS_LOCK]);
  return session;
}

async function leave(session: pg.Client, place: Place): Promise<void> {
  if (await isLast(session)) await stopServer(place);
  await session.end();
}

/** The lock then keeps others out until the server is gone; they start it anew. */
async function isLast(session: pg.Client): Promise<boolean> {
  try {
    await session.query('SELECT pg_advisory_unlock_shared($1, $2)', [LOCK_SPACE, USERS_LOCK]);
    const { rows } = await session.query('SELECT pg_try_advisory_lock($1, $2) AS last', [LOCK_SPACE, USERS_LOCK]);
    return rows[0].last;
  } catch {
    return false;
  }
}

async function ownerOf(session: pg.Client): Promise<string> {
  const { rows } = await session.query(
    `SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)
     WHERE locktype = 'advisory' AND granted AND classid = $1 AND objid = $2`,
    [LOCK_SPACE, OWNER_LOCK],
  );
  return rows[0]?.application_name ?? 'a process that just ended';
}

const codeOf = (error: unknown): string => String((error as { code?: unknown }).code);
