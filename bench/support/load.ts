import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface Load {
  url: string;
  headers: Record<string, string>;
  /** Sent in turn; each connection begins at another one. */
  bodies: readonly string[];
  connections: number;
  seconds: number;
}

export interface Measured {
  perSecond: number;
  /** In milliseconds. */
  p50: number;
  p99: number;
}

/** Asks as fast as it is answered, from a process of its own. Fails when an answer is not 200. */
export async function measure(load: Load): Promise<Measured> {
  const cannon = fork(join(import.meta.dirname, 'cannon.ts'));
  cannon.send(load);
  const [measured] = (await once(cannon, 'message')) as [Measured | { failed: string }];
  if ('failed' in measured) throw new Error(measured.failed);
  return measured;
}
