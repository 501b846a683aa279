import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import type { MigrationList, SchemaContainer, SchemaEngine } from '@prisma/schema-engine-wasm';
import pg from 'pg';
import type { Lifeline } from './lifeline.ts';

const ENGINE = '@prisma/schema-engine-wasm/schema_engine_bg';
const EVERYTHING = { externalTables: [], externalEnums: [] };

/** Applies what is missing and keeps `_prisma_migrations`, so that anyone with Prisma's own tools can go on. */
export function applyMigrations(url: string, migrations: MigrationList, lifeline?: Lifeline): Promise<string[]> {
  const apply = async (engine: SchemaEngine) => {
    const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList: migrations, filters: EVERYTHING });
    return appliedMigrationNames;
  };
  return withEngine(url, apply, lifeline);
}

/** The SQL that leads from one Prisma schema (none: an empty database) to another. The database is only asked what it can do. */
export function diffSchemas(url: string, from: string | undefined, to: string): Promise<string> {
  return withEngine(url, async (engine) => {
    const { stdout } = await engine.diff({
      from: from === undefined ? { tag: 'empty' } : { tag: 'schemaDatamodel', files: [file(from)] },
      to: { tag: 'schemaDatamodel', files: [file(to)] },
      script: true,
      exitCode: null,
      filters: EVERYTHING,
    });
    return stdout ?? '';
  });
}

async function withEngine<Result>(
  url: string,
  work: (engine: SchemaEngine) => Promise<Result>,
  lifeline?: Lifeline,
): Promise<Result> {
  loaded ??= load();
  const Engine = await loaded;
  // The engine closes nothing by itself, so its connections are ours.
  const pool = new pg.Pool({ connectionString: url, stream: lifeline?.stream });
  // Noticed by the next statement.
  pool.on('error', () => {});
  try {
    const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg(pool, { disposeExternalPool: false }));
    const { path, content } = file('datasource db {\n  provider = "postgresql"\n}\n');
    return await work(await Engine.new({ datamodels: [[path, content]] }, () => {}, adapter));
  } finally {
    await pool.end();
  }
}

/** Its glue has room for one instance in a process. */
let loaded: Promise<typeof SchemaEngine> | undefined;

/** Prisma's command line fetches a native engine from the network; npm has the same engine as WebAssembly. */
async function load(): Promise<typeof SchemaEngine> {
  const glue = await import(ENGINE);
  const wasm = await readFile(join(dirname(createRequire(import.meta.url).resolve(ENGINE)), 'schema_engine_bg.wasm'));
  const { instance } = await WebAssembly.instantiate(wasm, { './schema_engine_bg.js': withoutWaiting(glue) });
  glue.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  return glue.SchemaEngine;
}

/** The engine never clears the timers of its timeouts; they must not keep a process alive that is done. */
function withoutWaiting(glue: Record<string, unknown>): object {
  const [name, start] = Object.entries(glue).find(([entry]) => entry.startsWith('__wbg_setTimeout')) ?? [];
  if (!name) return glue;
  return {
    ...glue,
    [name]: (...args: unknown[]) => (start as (...args: unknown[]) => NodeJS.Timeout)(...args).unref(),
  };
}

const file = (content: string): SchemaContainer => ({ path: 'schema.prisma', content });

/** Node has it; its types leave it to those of the browser. */
declare const WebAssembly: {
  instantiate(code: Uint8Array, imports: object): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>;
};
