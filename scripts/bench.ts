import { spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { basename, join } from 'node:path';

/**
 * `npm run bench` takes every figure this project claims, one after the other; `npm run bench -- nested purchase` these
 * two. What it is measured beside is installed in `bench/` and nowhere else.
 */
const BENCH = join(import.meta.dirname, '..', 'bench');
const figures = globSync('*.ts', { cwd: BENCH })
  .filter((file) => !file.endsWith('.d.ts'))
  .map((file) => basename(file, '.ts'))
  .sort();

const chosen = process.argv.slice(2);
const unknown = chosen.find((name) => !figures.includes(name));
if (unknown) throw new Error(`There is no figure "${unknown}", only ${figures.join(', ')}.`);

if (!existsSync(join(BENCH, 'node_modules'))) run('npm', ['ci'], BENCH);
for (const name of chosen.length > 0 ? chosen : figures) {
  console.log(`\n── ${name}`);
  run(process.execPath, [join(BENCH, `${name}.ts`)]);
}

function run(program: string, args: string[], cwd?: string): void {
  const { status } = spawnSync(program, args, { cwd, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}.`);
}
