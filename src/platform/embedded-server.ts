import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { StartError } from '../lib/start-error.ts';
import type { Place } from './embedded-place.ts';
import { freePort } from './free-port.ts';

const run = promisify(execFile);

export const USER = 'boon';

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_SECONDS = 30;
const POLL_MS = 15;
/** Between choosing a free port and taking it somebody else may take it. */
const LAUNCHES = 3;
/** What PostgreSQL has unless told otherwise, and what holds the working set of a million licenses. */
const BUFFERS_MIB = [128, 1024] as const;
const LOG_TAIL_CHARACTERS = 600;
/** One locale on every machine, whatever is installed there. */
const LOCALE = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
const ENVIRONMENT = { LC_ALL: 'C', TZ: 'UTC' };

/** Settings of PostgreSQL by name. */
export type Settings = Record<string, string>;

const SETTINGS: Settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  jit: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  shared_buffers: `${buffersFor(Math.min(totalmem(), process.constrainedMemory() || totalmem()))}MB`,
};

/**
 * How many MiB of its files PostgreSQL keeps in memory of its own, on a machine or in a container with so many bytes: an
 * eighth. It is taken as it is used, so that a small database takes little of it.
 */
export function buffersFor(memoryBytes: number): number {
  const [least, most] = BUFFERS_MIB;
  return Math.min(most, Math.max(least, Math.floor(memoryBytes / 8 / 1024 ** 2)));
}

/** Makes the cluster, unless it stands. It appears whole or not at all. */
export async function ensureCluster(place: Place, password: string): Promise<void> {
  const cluster = clusterOf(place);
  if (await exists(cluster)) return;
  const draft = `${cluster}.${randomBytes(8).toString('hex')}`;
  const passwordFile = `${draft}.password`;
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (place.user) await chown(passwordFile, place.user.uid, place.user.gid);
  try {
    const args = [
      `--pgdata=${draft}`,
      `--username=${USER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      ...LOCALE,
    ];
    await run(program(place, 'initdb'), args, environment(place));
    await rename(draft, cluster).catch(async (error) => {
      if (!(await exists(cluster))) throw error;
    });
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    throw new StartError(`PostgreSQL could not make its files in ${place.home}: ${lastLine(stderr || message)}`, {
      cause: error,
    });
  } finally {
    await rm(passwordFile, { force: true });
    await rm(draft, { recursive: true, force: true });
  }
}

/** The port of the server of this cluster, started unless it runs; one that a killed process left is as good as any. */
export async function ensureServer(place: Place, settings: Settings): Promise<number> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  let launches = 0;
  while (Date.now() < deadline) {
    const server = await runningServer(place);
    if (server?.status === 'ready') return server.port;
    if (!server && launches++ === LAUNCHES) throw new StartError(`PostgreSQL did not start: ${await logTail(place)}`);
    if (!server) await launch(place, settings);
    else await delay(POLL_MS);
  }
  throw new StartError(
    `PostgreSQL in ${place.home} was not ready after ${START_TIMEOUT_MS / 1000} s: ${await logTail(place)}`,
  );
}

/** Cuts open connections, writes everything down and ends; nothing if it does not run. */
export async function stopServer(place: Place): Promise<void> {
  if (!(await runningServer(place))) return;
  const args = ['stop', `--pgdata=${clusterOf(place)}`, '--mode=fast', `--timeout=${STOP_TIMEOUT_SECONDS}`];
  await run(program(place, 'pg_ctl'), args, environment(place));
}

interface RunningServer {
  port: number;
  status: string;
}

/** What the server writes about itself: process id, folder, start, port, …, and as the eighth line its status. */
async function runningServer(place: Place): Promise<RunningServer | undefined> {
  const path = join(clusterOf(place), 'postmaster.pid');
  const lines = (await readFile(path, 'utf8').catch(() => '')).split('\n');
  const pid = Number(lines[0]);
  if (!(pid > 0 && isAlive(pid))) return undefined;
  if (await isPostgres(pid)) return { port: Number(lines[3]), status: lines[7]?.trim() ?? '' };
  // After a restart of the machine or the container another program may have the number; PostgreSQL would wait for it.
  await rm(path, { force: true });
  return undefined;
}

/** Resolves when it is seen to run or has ended. In a session of its own, so that Ctrl-C does not reach it. */
async function launch(place: Place, settings: Settings): Promise<void> {
  const all = { ...SETTINGS, port: String(await freePort()), ...settings };
  const args = ['-D', clusterOf(place), ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const log = await open(logOf(place), 'a', 0o600);
  const server = spawn(program(place, 'postgres'), args, {
    ...environment(place),
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  let ended = false;
  server.once('exit', () => (ended = true)).once('error', () => (ended = true));
  server.unref();
  await log.close();
  while (!ended && !(await runningServer(place))) await delay(POLL_MS);
}

const clusterOf = (place: Place): string => join(place.home, 'cluster');
const logOf = (place: Place): string => join(place.home, 'postgres.log');
const program = (place: Place, name: string): string => join(place.programs, 'bin', name);
const environment = (place: Place) => ({ ...place.user, cwd: place.home, env: ENVIRONMENT });
const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';
const logTail = async (place: Place): Promise<string> =>
  (await readFile(logOf(place), 'utf8').catch(() => 'no log'))
    .slice(-LOG_TAIL_CHARACTERS)
    .trim()
    .replaceAll('\n', ' | ');

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Where there is no /proc to ask, the number is believed. */
const isPostgres = async (pid: number): Promise<boolean> =>
  (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => 'postgres')).trim() === 'postgres';
