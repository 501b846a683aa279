import { readFile, writeFile } from 'node:fs/promises';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { kinds } from '../benefits/kinds.ts';
import { buildSchema } from './schema.ts';

const FILE = new URL('../../schema.graphql', import.meta.url);

/** The schema as it is committed: its diff is the changelog of the API. */
export const printedSchema = (): string => `${printSchema(lexicographicSortSchema(buildSchema(kinds)))}\n`;

export const committedSchema = (): Promise<string> => readFile(FILE, 'utf8');

if (import.meta.main) await writeFile(FILE, printedSchema());
