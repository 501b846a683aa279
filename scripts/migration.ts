import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbedded } from '../src/platform/embedded.ts';
import { MIGRATIONS_DIR } from '../src/platform/migrations.ts';
import { diffSchemas } from '../src/platform/schema-engine.ts';

/**
 * `npm run migration` writes the newest migration anew, which is right until it has been released.
 * `npm run migration -- add_invoices` adds one. Beside each lies the schema it leads to, from which the next one starts.
 * What stands below the mark in a migration is written by hand and kept.
 */
const MARK = '-- By hand: what a Prisma schema cannot say.';

const schema = await readFile(new URL('../prisma/schema.prisma', import.meta.url), 'utf8');
const folders = (await readdir(MIGRATIONS_DIR, { withFileTypes: true })).filter((entry) => entry.isDirectory());
const names = folders.map((entry) => entry.name).sort();
const added = process.argv[2];
const name = added ? `${timestamp()}_${added}` : (names.pop() ?? `${timestamp()}_the_house`);
const previous = names.at(-1);
const dir = join(MIGRATIONS_DIR, name);

const byHand = (await readFile(join(dir, 'migration.sql'), 'utf8').catch(() => '')).split(MARK)[1] ?? '\n';
const from = previous && (await readFile(join(MIGRATIONS_DIR, previous, 'schema.prisma'), 'utf8'));
await mkdir(dir, { recursive: true });
await writeFile(join(dir, 'migration.sql'), `${await diff(from, schema)}\n${MARK}${byHand}`);
await writeFile(join(dir, 'schema.prisma'), schema);
console.log(join(dir, 'migration.sql'));

async function diff(from: string | undefined, to: string): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'boon-migration-'));
  await chmod(dataDir, 0o711);
  try {
    await using embedded = await openEmbedded({ dataDir });
    return (await diffSchemas(embedded.url, from, to)).trimEnd();
  } finally {
    await rm(dataDir, { recursive: true });
  }
}

function timestamp(): string {
  return new Date().toISOString().replace(/\D/g, '').slice(0, 14);
}
