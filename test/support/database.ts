import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { TEMPLATE } from './global-setup.ts';

export interface TestDatabase extends AsyncDisposable {
  url: string;
}

/** A database of the caller's own, with the schema of Boon unless it is to be `empty`. */
export async function testDatabase({ empty = false } = {}): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onServer(`CREATE DATABASE ${name} TEMPLATE ${empty ? 'template0' : TEMPLATE} STRATEGY file_copy`);
  const url = new URL(inject('postgresUrl'));
  url.pathname = name;
  return { url: url.href, [Symbol.asyncDispose]: () => onServer(`DROP DATABASE ${name} WITH (FORCE)`) };
}

/**
 * To make or drop a database is to wait until every process of the server has heard of it, those of other databases
 * included: one that cannot get rid of what it sends, to a client that was stopped, holds it up for ever. It is said then.
 */
const PATIENCE_MS = 120_000;

async function onServer(statement: string): Promise<void> {
  const admin = new pg.Client({ connectionString: inject('postgresUrl'), statement_timeout: PATIENCE_MS });
  await admin.connect();
  await admin.query(statement).finally(() => admin.end());
}
