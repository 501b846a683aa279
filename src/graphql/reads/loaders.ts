import DataLoader from 'dataloader';
import type { Database } from '../../platform/database.ts';
import type { Page } from '../page.ts';
import type { Viewer } from '../viewer.ts';
import { type Child, countStatement, pageStatement, RELATIONS, type RelationName, type Statement } from './pages.ts';
import { type Asks, type Rows, rowsStatement } from './rows.ts';

/**
 * What one request reads often, each statement once for all that ask at the same time: however many customers are
 * listed, the number of statements stays the same.
 */
export interface Loaders {
  /** What is asked for, so that no more is read than that. Whoever does not know is asked for everything. */
  asks: Asks;
  /** A row of the viewer's organization; null when there is none. */
  row<Table extends keyof Rows>(table: Table, id: string): Promise<Rows[Table] | null>;
  /** A row that another row names: at once, when it was read before. Promises cost more than what they promise. */
  existing<Table extends keyof Rows>(table: Table, id: string): Rows[Table] | Promise<Rows[Table]>;
  /** Reads rows that other rows name before they are asked for one by one; nothing to wait for when they were read. */
  prepare<Table extends keyof Rows>(table: Table, ids: readonly string[]): Promise<void> | undefined;
  /** A row that was prepared. */
  known<Table extends keyof Rows>(table: Table, id: string): Rows[Table] | undefined;
  /** A page under one parent, and the row after it. Without a page: all there are. */
  children<Name extends RelationName>(name: Name, parentId: string, page?: Page): Promise<Child<Name>[]>;
  count(name: RelationName, parentId: string): Promise<number>;
  /** Rows that were read along with others are found at once. */
  put<Table extends keyof Rows>(table: Table, row: Rows[Table]): void;
  /** The value `make` makes, made once. */
  once<Value>(key: string, make: () => Value): Value;
}

export function openLoaders({ database }: { database: Database }, viewer: Viewer): Loaders {
  const organizationId = viewer.is === 'anonymous' ? '' : viewer.organizationId;
  const tables: { [Table in keyof Rows]?: Shelf } = {};
  const shelf = (table: keyof Rows): Shelf => {
    tables[table] ??= openShelf(async (ids) => {
      const statement = rowsStatement(table, loaders.asks, organizationId);
      return database.lookUpEach<{ id: string }>({ ...statement, ids, idOf: ({ id }) => id });
    });
    return tables[table];
  };
  const made = new Map<string, unknown>();
  const once = <Value>(key: string, make: () => Value): Value => {
    if (!made.has(key)) made.set(key, make());
    return made.get(key) as Value;
  };
  const under = <Value>(key: string, make: () => DataLoader.BatchLoadFn<string, Value>) =>
    once(key, () => new DataLoader(make()));

  const childrenOf = (name: RelationName, page?: Page) =>
    under<{ id: string }[]>(`children ${name} ${page?.limit} ${page?.after}`, () =>
      readGroups(database, pageStatement(name, page ?? null, loaders.asks)),
    );

  const loaders: Loaders = {
    asks: () => true,
    row: async (table, id) => {
      const { known, fetch } = shelf(table);
      if (!known.has(id)) await fetch([id]);
      return (known.get(id) ?? null) as never;
    },
    existing(table, id) {
      const { known, fetch } = shelf(table);
      return (known.get(id) ?? fetch([id]).then(() => known.get(id) ?? null)) as never;
    },
    known: (table, id) => shelf(table).known.get(id) as never,
    prepare(table, ids) {
      const { known, fetch } = shelf(table);
      const unknown = ids.filter((id) => !known.has(id));
      return unknown.length > 0 ? fetch(unknown) : undefined;
    },
    async children(name, parentId, page) {
      const found = await childrenOf(name, page).load(parentId);
      const { known } = shelf(RELATIONS[name].table);
      for (const row of found) known.set(row.id, row);
      return found as never;
    },
    put: (table, row) => void shelf(table).known.set(row.id, row),
    count: (name, parentId) => under(`count ${name}`, () => readCounts(database, countStatement(name))).load(parentId),
    once,
  };
  return loaders;
}

/** The rows of one table that were read, and what reads more. */
interface Shelf {
  known: Map<string, { id: string }>;
  fetch(ids: readonly string[]): Promise<void>;
}

/** What is wanted in one turn is read together, and one promise serves all who want some of it. */
function openShelf(read: (ids: readonly string[]) => Promise<{ id: string }[]>): Shelf {
  const known: Shelf['known'] = new Map();
  let wanted = new Set<string>();
  let coming: Promise<void> | null = null;
  const readOn = async (): Promise<void> => {
    await turnIsOver();
    const ids = [...wanted].filter((id) => !known.has(id));
    wanted = new Set();
    coming = null;
    for (const row of ids.length > 0 ? await read(ids) : []) known.set(row.id, row);
  };
  return {
    known,
    fetch(ids) {
      for (const id of ids) wanted.add(id);
      coming ??= readOn();
      return coming;
    },
  };
}

/** Everybody who goes on at once has done so. A DataLoader waits as long. */
const turnIsOver = (): Promise<void> =>
  Promise.resolve().then(() => new Promise((resolve) => process.nextTick(resolve)));

type ChildRow = { id: string; parentId: string };
type CountRow = { parentId: string; count: number };

const parentOf = ({ parentId }: { parentId: string }): string => parentId;

const readGroups =
  (database: Database, statement: Statement) =>
  async (ids: readonly string[]): Promise<ChildRow[][]> => {
    const rows = await database.lookUpEach<ChildRow>({ ...statement, ids, idOf: parentOf });
    const groups = Map.groupBy(rows, parentOf);
    return ids.map((id) => groups.get(id) ?? []);
  };

const readCounts =
  (database: Database, statement: Statement) =>
  async (ids: readonly string[]): Promise<number[]> => {
    const counts = await database.lookUpEach<CountRow>({ ...statement, ids, idOf: parentOf });
    const byParent = new Map(counts.map((row) => [row.parentId, row.count]));
    return ids.map((id) => byParent.get(id) ?? 0);
  };
