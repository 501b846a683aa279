import pg from 'pg';

/** Counts what is sent to PostgreSQL while `work` runs, whoever sends it. */
export async function countStatements(work: () => Promise<unknown>): Promise<string[]> {
  const { query } = pg.Client.prototype;
  const sent: string[] = [];
  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    const [statement] = args as [string | { text: string }];
    sent.push(typeof statement === 'string' ? statement : statement.text);
    return query.apply(this, args as never);
  } as never;
  try {
    await work();
    return sent;
  } finally {
    pg.Client.prototype.query = query;
  }
}
