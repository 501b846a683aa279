import { readFile } from 'node:fs/promises';

/** Linux counts in hundredths of a second. */
const TICKS_A_SECOND = 100;

/** How long a process has computed, in its own code and in the kernel's for it; NaN where there is no /proc to tell. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [user = Number.NaN, system = Number.NaN] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return (user + system) / TICKS_A_SECOND;
}
