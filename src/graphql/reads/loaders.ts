import DataLoader from 'dataloader';
import type { Database } from '../../platform/database.ts';
import type { Page } from '../connection.ts';
import type { Viewer } from '../context.ts';
import { type Child, countStatement, pageStatement, RELATIONS, type RelationName, type Statement } from './pages.ts';
import { type Rows, SOURCES } from './rows.ts';

/**
 * What one request reads often, each statement once for all that ask at the same time: however many customers are
 * listed, the number of statements stays the same.
 */
export interface Loaders {
  /** A row of the viewer's organization; null when there is none. */
  row<Table extends keyof Rows>(table: Table, id: string): Promise<Rows[Table] | null>;
  /** A page under one parent, and the row after it. Without a page: all there are. */
  children<Name extends RelationName>(name: Name, parentId: string, page?: Page): Promise<Child<Name>[]>;
  count(name: RelationName, parentId: string): Promise<number>;
  /** The value `make` makes, made once in this request. */
  once<Value>(key: string, make: () => Value): Value;
}

export function openLoaders({ database }: { database: Database }, viewer: Viewer): Loaders {
  const made = new Map<string, unknown>();
  const once = <Value>(key: string, make: () => Value): Value => {
    if (!made.has(key)) made.set(key, make());
    return made.get(key) as Value;
  };
  const organizationId = viewer.is === 'anonymous' ? '' : viewer.organizationId;
  const rows = (table: keyof Rows) =>
    once(
      `row ${table}`,
      () => new DataLoader((ids: readonly string[]) => readRows(database, table, ids, organizationId)),
    );
  const under = <Value>(key: string, make: () => DataLoader.BatchLoadFn<string, Value>) =>
    once(key, () => new DataLoader(make()));

  return {
    row: (table, id) => rows(table).load(id) as Promise<never>,
    async children(name, parentId, page) {
      const key = `children ${name} ${page?.limit} ${page?.after}`;
      const found = await under(key, () => readGroups(database, pageStatement(name, page ?? null))).load(parentId);
      const { table } = RELATIONS[name];
      for (const row of found) rows(table).prime(row.id, row);
      return found as never;
    },
    count: (name, parentId) => under(`count ${name}`, () => readCounts(database, countStatement(name))).load(parentId),
    once,
  };
}

async function readRows(
  database: Database,
  table: keyof Rows,
  ids: readonly string[],
  organizationId: string,
): Promise<({ id: string } | null)[]> {
  const { columns, from } = SOURCES[table];
  const own = table === 'LicenseActivation' ? '' : 'AND t."organizationId" = $2';
  const values = own ? [ids, organizationId] : [ids];
  const found = await database.read<{ id: string }>(
    `${table} by id`,
    `SELECT ${columns} FROM ${from} WHERE t.id = ANY($1) ${own}`,
    values,
  );
  const byId = new Map(found.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
}

type ChildRow = { id: string; parentId: string };

const readGroups =
  (database: Database, { name, text, values }: Statement) =>
  async (parentIds: readonly string[]): Promise<ChildRow[][]> => {
    const groups = Map.groupBy(await database.read<ChildRow>(name, text, values(parentIds)), (row) => row.parentId);
    return parentIds.map((id) => groups.get(id) ?? []);
  };

const readCounts =
  (database: Database, { name, text, values }: Statement) =>
  async (parentIds: readonly string[]): Promise<number[]> => {
    const counts = await database.read<{ parentId: string; count: number }>(name, text, values(parentIds));
    const byParent = new Map(counts.map((row) => [row.parentId, row.count]));
    return parentIds.map((id) => byParent.get(id) ?? 0);
  };
