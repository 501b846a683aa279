import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
/** What one process has compiled none of the others need compile again: half of what it takes to start. */
const COMPILED = join(ROOT, 'node_modules', '.cache', 'compiled');

export interface BoonProcess extends AsyncDisposable {
  child: ChildProcess;
  /** All it has said so far. */
  output(): string;
  /** Resolves when it has said so; rejects when it ends before. */
  says(words: string | RegExp): Promise<void>;
  /** Its exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals | null>;
}

/** Boon as a process of its own, with this environment and no other. Killed, if it still runs, when disposed of. */
export const spawnBoon = (env: Record<string, string>, ...args: string[]): BoonProcess =>
  spawnCommand([process.execPath, 'src/main.ts', ...args], env);

/** A command in the project's folder. */
export function spawnCommand([program = '', ...args]: string[], env: Record<string, string>): BoonProcess {
  const child = spawn(program, args, {
    cwd: ROOT,
    env: { NODE_COMPILE_CACHE: COMPILED, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.on('data', (chunk) => (said += chunk));
  child.stderr.on('data', (chunk) => (said += chunk));
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal);
  return {
    child,
    output: () => said,
    ended,
    async says(words) {
      const heard = () => (typeof words === 'string' ? said.includes(words) : words.test(said));
      while (!heard()) {
        const over = await Promise.race([
          once(child.stdout, 'data'),
          once(child.stderr, 'data'),
          ended.then(() => true),
        ]);
        if (over === true && !heard()) throw new Error(`It ended before it said ${words}:\n${said}`);
      }
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Runs a command to its end. */
export async function runBoon(env: Record<string, string>, ...args: string[]) {
  await using boon = spawnBoon(env, ...args);
  return { code: await boon.ended, output: boon.output().trim() };
}
