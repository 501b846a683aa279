import Fastify from 'fastify';
import pg from 'pg';
import { announce, POOL, readArguments } from '../nested/peer.ts';

/** What one would write by hand: a balance and its ledger in a statement a call, and nothing else that credits can do. */
const { databaseUrl } = readArguments();
const pool = new pg.Pool({ connectionString: databaseUrl, max: POOL });
await pool.query(`
  CREATE TABLE IF NOT EXISTS by_hand (id text PRIMARY KEY, balance numeric NOT NULL) WITH (fillfactor = 50);
  CREATE TABLE IF NOT EXISTS by_hand_entry (id bigserial PRIMARY KEY, of text NOT NULL, units numeric NOT NULL, at timestamptz NOT NULL);
  CREATE INDEX IF NOT EXISTS by_hand_entries ON by_hand_entry (of, id);
  INSERT INTO by_hand SELECT id, 1000000000 FROM "Customer" ON CONFLICT DO NOTHING;`);
await pool.query('VACUUM ANALYZE by_hand');

async function consume(id: string, units: string): Promise<string | null> {
  const { rows } = await pool.query({
    name: 'consume',
    text: `WITH taken AS (UPDATE by_hand SET balance = balance - $2 WHERE id = $1 AND balance >= $2 RETURNING balance),
        entered AS (INSERT INTO by_hand_entry (of, units, at) SELECT $1, -$2, now() FROM taken)
      SELECT balance::text FROM taken`,
    values: [id, units],
  });
  return rows[0]?.balance ?? null;
}

interface Asked {
  variables: { input: { customer: { id: string }; units: string } };
}

const app = Fastify();
app.post('/graphql', async ({ body }: { body: Asked }) => {
  const { customer, units } = body.variables.input;
  return { data: { consumeCredits: { balance: { balance: await consume(customer.id, units) } } } };
});
await app.ready();
await announce(app.server);
