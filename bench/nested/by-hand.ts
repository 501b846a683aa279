import { createServer, type IncomingMessage } from 'node:http';
import pg from 'pg';
import { openKeyring } from '../../src/lib/keyring.ts';
import { announce, POOL, readArguments } from './peer.ts';

const { databaseUrl, secret, organizationId } = readArguments();
const keyring = openKeyring([secret]);
const pool = new pg.Pool({ connectionString: databaseUrl, max: POOL });

/** As fast as Node and PostgreSQL can answer these two questions: a prepared statement each, no schema, no rules. */
const server = createServer(async (request, response) => {
  const { variables = {} } = JSON.parse(await bodyOf(request)) as { variables?: { id?: string; after?: string } };
  const data = variables.id ? await one(variables.id) : await twenty(variables.after ?? AFTER_ALL_IDS);
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify({ data }));
});

const AFTER_ALL_IDS = '~';

async function one(id: string) {
  const [customer] = await read('one', 'AND id = $2', id);
  return { customer };
}

async function twenty(after: string) {
  const customers = await read('twenty', 'AND id < $2 ORDER BY id DESC LIMIT 20', after);
  return { customers: { pageInfo: { endCursor: customers.at(-1)?.id }, edges: customers.map((node) => ({ node })) } };
}

async function read(name: string, which: string, value: string) {
  const { rows } = await pool.query<Row>({ name, text: statement(which), values: [organizationId, value] });
  return [...Map.groupBy(rows, (row) => row.id).values()].map(customerOf);
}

interface Row {
  id: string;
  email: string;
  name: string | null;
  grantId: string;
  state: string;
  position: number;
  benefitId: string;
  description: string;
  licenseKeyId: string;
  displayKey: string;
  sealed: Buffer;
}

const statement = (which: string): string => `
  SELECT c.id, c.email, c.name, g.id AS "grantId", g.state, g.position, b.id AS "benefitId", b.description,
    l.id AS "licenseKeyId", l."displayKey", l.sealed
  FROM (SELECT id, email, name FROM "Customer" WHERE "organizationId" = $1 ${which}) c
  CROSS JOIN LATERAL (SELECT * FROM "BenefitGrant" WHERE "customerId" = c.id ORDER BY position LIMIT 5) g
  JOIN "Benefit" b ON b.id = g."benefitId"
  JOIN "LicenseKey" l ON l."grantId" = g.id
  ORDER BY c.id DESC, g.position`;

const customerOf = (rows: Row[]) => ({
  id: rows[0]?.id,
  email: rows[0]?.email,
  name: rows[0]?.name,
  grants: {
    edges: rows.map((row) => ({
      node: {
        id: row.grantId,
        state: row.state,
        position: row.position,
        benefit: { id: row.benefitId, description: row.description },
        delivery: { licenseKey: { id: row.licenseKeyId, displayKey: row.displayKey, key: keyring.open(row.sealed) } },
      },
    })),
  },
});

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

await announce(server);
