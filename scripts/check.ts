import { spawnSync } from 'node:child_process';
import { styleText } from 'node:util';

/** `npm run check` runs every step and tells at the end which failed; `npm run check -- types lint` runs those two. */
const STEPS: Record<string, string> = {
  types: 'tsc --noEmit',
  lint: 'biome lint --error-on-warnings',
  format: 'biome check --linter-enabled=false',
  schema: 'vitest run test/schema.test.ts test/platform/migrations.test.ts',
  'dead code': 'knip',
  architecture: 'vitest run test/architecture.test.ts',
  tests: 'npm test',
};

const chosen = process.argv.slice(2);
const unknown = chosen.find((name) => !(name in STEPS));
if (unknown) throw new Error(`There is no step "${unknown}", only ${Object.keys(STEPS).join(', ')}.`);

const failed = Object.entries(STEPS)
  .filter(([name]) => chosen.length === 0 || chosen.includes(name))
  .filter(([name, command]) => !passes(name, command))
  .map(([name]) => name);
console.log(
  failed.length > 0 ? styleText('red', `\nFailed: ${failed.join(', ')}`) : styleText('green', '\nAll is well.'),
);
process.exitCode = failed.length > 0 ? 1 : 0;

function passes(name: string, command: string): boolean {
  console.log(styleText('bold', `\n── ${name}: ${command}`));
  return spawnSync(command, { shell: true, stdio: 'inherit' }).status === 0;
}
