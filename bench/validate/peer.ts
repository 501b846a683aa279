import { createServer } from 'node:http';
import Fastify from 'fastify';
import mercurius from 'mercurius';
import pg from 'pg';
import { openKeyring } from '../../src/lib/keyring.ts';
import { normalizeLicenseKey } from '../../src/lib/license-key.ts';
import { announce, POOL, readArguments } from '../nested/peer.ts';

/** What one would write by hand: a statement a call, no rules beyond the status, no limits, no counting. */
const { databaseUrl, secret } = readArguments();
const keyring = openKeyring([secret]);
const pool = new pg.Pool({ connectionString: databaseUrl, max: POOL });
const digestOf = (key: string) => Buffer.from(keyring.digest(normalizeLicenseKey(key)));

async function validate(key: string) {
  const { rows } = await pool.query({
    name: 'validate',
    text: `SELECT l.status, l.usage, l."limitUsage", l."expiresAt" FROM "LicenseSecret" s
      JOIN "LicenseKey" l ON l.id = s."licenseKeyId" WHERE s.digest = $1`,
    values: [digestOf(key)],
  });
  const [license] = rows;
  const code = license ? (license.status === 'GRANTED' ? 'VALID' : license.status) : 'NOT_FOUND';
  return { valid: code === 'VALID', code, usage: license?.usage, limitUsage: license?.limitUsage };
}

async function consume(key: string, units: number) {
  const { rows } = await pool.query({
    name: 'consume',
    text: `UPDATE "LicenseKey" SET usage = usage + $2
      WHERE id = (SELECT "licenseKeyId" FROM "LicenseSecret" WHERE digest = $1)
      AND status = 'GRANTED' AND ("limitUsage" IS NULL OR usage + $2 <= "limitUsage") RETURNING usage, "limitUsage"`,
    values: [digestOf(key), units],
  });
  const [license] = rows;
  return {
    valid: Boolean(license),
    code: license ? 'VALID' : 'REFUSED',
    usage: license?.usage,
    limitUsage: license?.limitUsage,
  };
}

interface Asked {
  variables: { input: { key: string; units?: number } };
}

const answer = ({ input: { key, units } }: Asked['variables']) => (units ? consume(key, units) : validate(key));

async function openMercurius() {
  const app = Fastify();
  await app.register(mercurius, {
    jit: 1,
    schema: `type Answer { valid: Boolean! code: String! usage: Int limitUsage: Int }
      input Input { key: String! units: Int }
      type Query { validateLicenseKey(input: Input!): Answer! }
      type Mutation { consumeLicenseKey(input: Input!): Answer! }`,
    resolvers: {
      Query: { validateLicenseKey: (_: unknown, variables: Asked['variables']) => answer(variables) },
      Mutation: { consumeLicenseKey: (_: unknown, variables: Asked['variables']) => answer(variables) },
    },
  });
  await app.ready();
  return app.server;
}

async function openFastify() {
  const app = Fastify();
  app.post('/graphql', async ({ body }: { body: Asked }) => ({ data: { told: await answer(body.variables) } }));
  await app.ready();
  return app.server;
}

/** Reads what it is sent and answers the same to everyone: nothing on Node answers more. */
const openFloor = async () =>
  createServer((request, response) => {
    request.resume().on('end', () => {
      const body = '{"data":{"validateLicenseKey":{"valid":true,"code":"VALID"}}}';
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
    });
  });

const KINDS = { floor: openFloor, fastify: openFastify, mercurius: openMercurius };
await announce(await KINDS[(process.argv[5] ?? 'floor') as keyof typeof KINDS]());
