import { readdir, readFile } from 'node:fs/promises';
import type { Script } from '../../src/script.ts';

/** How long a process has computed, in its own code and in the kernel's for it; NaN where there is no /proc to tell. */
export async function cpuSeconds(pid: number): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const each = await Promise.all(threads.map((thread) => read(`/proc/${pid}/task/${thread}/schedstat`)));
  return each.length > 0 ? each.reduce((sum, nanoseconds) => sum + nanoseconds, 0) / 1e9 : Number.NaN;
}

/** The same of all processes of a PostgreSQL on this machine; whoever has gone meanwhile no longer counts. */
export async function databaseCpuSeconds({ prisma }: Script['database']): Promise<number> {
  const rows = await prisma.$queryRaw<{ pid: number }[]>`SELECT pid FROM pg_stat_activity`;
  const each = await Promise.all(rows.map(({ pid }) => cpuSeconds(pid)));
  return each.reduce((sum, seconds) => sum + (seconds || 0), 0);
}

/** Nothing for a thread that has just ended: those of Node.js live as long as it does. */
async function read(file: string): Promise<number> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return Number(text.split(' ')[0] || 0);
}
