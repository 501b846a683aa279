import { createServer } from 'node:http';
import { postgraphile } from 'postgraphile';
import { makePgService } from 'postgraphile/adaptors/pg';
import { lambda } from 'postgraphile/grafast';
import { grafserv } from 'postgraphile/grafserv/node';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';
import { extendSchema, gql, jsonPgSmartTags } from 'postgraphile/utils';
import { openKeyring } from '../../src/lib/keyring.ts';
import { announce, POOL, readArguments } from './peer.ts';

const { databaseUrl, secret } = readArguments();
const keyring = openKeyring([secret]);

/** Keys lie sealed in the database; they are opened as Boon opens them. */
const openedKeys = extendSchema({
  typeDefs: gql`extend type LicenseKey { key: String! }`,
  objects: {
    LicenseKey: {
      plans: {
        key: (licenseKey: { get(column: string): unknown }) =>
          lambda(licenseKey.get('sealed'), (sealed: Buffer) => keyring.open(sealed), true),
      },
    },
  },
});

const sense = jsonPgSmartTags({
  version: 1,
  config: {
    class: {
      // Prisma says so with an index, and PostGraphile looks for a constraint.
      LicenseKey: { tags: { unique: 'grantId' } },
      // Subscription is GraphQL's own word.
      Subscription: { tags: { name: 'CustomerSubscription' } },
    },
  },
});

const handler = postgraphile({
  extends: [PostGraphileAmberPreset],
  plugins: [openedKeys, sense],
  // So that grants can be ordered by position, which has no index.
  disablePlugins: ['PgIndexBehaviorsPlugin'],
  pgServices: [makePgService({ connectionString: databaseUrl, schemas: ['public'], poolConfig: { max: POOL } })],
  grafserv: { graphqlPath: '/graphql', graphiql: false, watch: false },
}).createServ(grafserv);

const server = createServer();
await handler.addTo(server);
await announce(server);
