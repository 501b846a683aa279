import { readdir, readFile } from 'node:fs/promises';
import type { Script } from '../../src/script.ts';

/** How long a process has computed, in its own code and in the kernel's for it; NaN where there is no /proc to tell. */
export async function cpuSeconds(pid: number): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const each = await Promise.all(threads.map((thread) => read(`/proc/${pid}/task/${thread}/schedstat`)));
  return each.length > 0 ? each.reduce((sum, nanoseconds) => sum + nanoseconds, 0) / 1e9 : Number.NaN;
}

/** The same of all processes of a PostgreSQL on this machine, those that have gone meanwhile included. */
export async function databaseCpuSeconds({ prisma }: Script['database']): Promise<number> {
  const rows = await prisma.$queryRaw<{ pid: number }[]>`SELECT pid FROM pg_stat_activity`;
  const each = await Promise.all(rows.map(({ pid }) => cpuSeconds(pid)));
  return each.reduce((sum, seconds) => sum + (seconds || 0), await goneSeconds(rows[0]?.pid ?? 0));
}

/** What the brothers and sisters of a process took that have gone: their parent is told when they go. */
async function goneSeconds(pid: number): Promise<number> {
  const [, parent] = await stat(pid);
  const facts = await stat(Number(parent));
  return (Number(facts[13] ?? 0) + Number(facts[14] ?? 0)) / TICKS_PER_SECOND;
}

const TICKS_PER_SECOND = 100;

/** What Linux says of a process, from its state on. */
async function stat(pid: number): Promise<string[]> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** Nothing for a thread that has just ended: those of Node.js live as long as it does. */
async function read(file: string): Promise<number> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return Number(text.split(' ')[0] || 0);
}
