import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A server to measure beside Boon. */
export interface Contestant extends AsyncDisposable {
  url: string;
  pid: number;
}

/** Starts a server of ours in a process of its own; it is ready when it says its address. */
export async function start(file: string, args: readonly string[]): Promise<Contestant> {
  const child = spawn(process.execPath, [file, ...args], {
    env: { PATH: process.env.PATH, NODE_ENV: 'production', GRAPHILE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const [said] = await Promise.race([
    once(child.stdout, 'data'),
    ended.then(() => [`${file} ended before it was ready.`]),
  ]);
  const url = /^http\S+/.exec(String(said))?.[0];
  if (!url) throw new Error(String(said));
  return {
    url,
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
