import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { openLog } from '../../src/platform/log.ts';
import { MIGRATIONS_DIR, migrate } from '../../src/platform/migrations.ts';
import { diffSchemas } from '../../src/platform/schema-engine.ts';
import { testDatabase } from '../support/database.ts';
import { temporaryFolder } from '../support/folder.ts';

const log = openLog('silent');

describe('migrations', () => {
  test('lead to what schema.prisma says', async () => {
    await using migrated = await testDatabase();
    await using fresh = await testDatabase({ empty: true });
    const schema = await readFile(new URL('../../prisma/schema.prisma', import.meta.url), 'utf8');
    await query(fresh.url, await diffSchemas(fresh.url, undefined, schema));

    const hint = 'run npm run migration';
    expect(await columns(migrated.url), hint).toEqual(await columns(fresh.url));
    // By hand a migration may add more than a Prisma schema can say, and take nothing away.
    expect(await rules(migrated.url), hint).toEqual(expect.arrayContaining(await rules(fresh.url)));
  });

  test('each keep the schema they lead to, from which the next one is made', async () => {
    const newest = (await folders()).at(-1) ?? '';
    const kept = await readFile(join(MIGRATIONS_DIR, newest, 'schema.prisma'), 'utf8');
    expect(kept, 'run npm run migration').toBe(
      await readFile(new URL('../../prisma/schema.prisma', import.meta.url), 'utf8'),
    );
  });

  test('are applied once by processes that start at the same time, and by none that starts later', async () => {
    await using database = await testDatabase({ empty: true });
    await Promise.all([1, 2, 3].map(() => migrate({ url: database.url, log })));
    await migrate({ url: database.url, log });
    const applied = await query(database.url, 'SELECT migration_name FROM _prisma_migrations');
    expect(applied.map(({ migration_name }) => migration_name)).toEqual(await folders());
  });

  test('say so when one that was applied has been edited', async () => {
    await using database = await testDatabase();
    await using folder = await temporaryFolder();
    const dir = folder.path;
    await cp(MIGRATIONS_DIR, dir, { recursive: true });
    await writeFile(join(dir, (await folders())[0] ?? '', 'migration.sql'), 'SELECT 1');
    await expect(migrate({ url: database.url, log, dir })).rejects.toThrow(/was changed after this database was made/);
  });

  test('refuse in the database what must never be', async () => {
    await using database = await testDatabase();
    await expect(query(database.url, `INSERT INTO "Installation" (id, "secretCheck") VALUES (2, '')`)).rejects.toThrow(
      'one_row',
    );
    const grant = `INSERT INTO "BenefitGrant" (id, "organizationId", "customerId", "benefitId", position, "createdAt", "updatedAt") VALUES ('g', 'o', 'c', 'b', 0, now(), now())`;
    await expect(query(database.url, grant)).rejects.toThrow('one_source');
  });
});

async function folders(): Promise<string[]> {
  const entries = await readdir(MIGRATIONS_DIR, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

const columns = (url: string) =>
  query(
    url,
    `SELECT table_name, column_name, data_type, udt_name, is_nullable, column_default, datetime_precision, numeric_precision, numeric_scale
     FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_prisma_migrations' ORDER BY 1, 2`,
  );

const rules = (url: string) =>
  query(
    url,
    `SELECT indexdef AS rule FROM pg_indexes WHERE schemaname = 'public'
     UNION ALL SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
     UNION ALL SELECT enumtypid::regtype || ' ' || enumlabel FROM pg_enum`,
  );

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}
