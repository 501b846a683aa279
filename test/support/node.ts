import { settle } from '../../src/benefits/fulfillment.ts';
import type { Kind } from '../../src/benefits/kind.ts';
import { kinds } from '../../src/benefits/kinds.ts';
import type { ProviderSettings } from '../../src/config.ts';
import * as accessTokens from '../../src/domain/access-tokens.ts';
import * as benefits from '../../src/domain/benefits.ts';
import { openConsumption } from '../../src/domain/credits/consumption.ts';
import * as customerSessions from '../../src/domain/customer-sessions.ts';
import * as customers from '../../src/domain/customers.ts';
import { openFeed } from '../../src/domain/feed/feed.ts';
import { openLicenseCache } from '../../src/domain/licenses/cache.ts';
import { openLicenses } from '../../src/domain/licenses/licenses.ts';
import type { LicenseLimits } from '../../src/domain/licenses/limits.ts';
import { openSigner } from '../../src/domain/licenses/signer.ts';
import * as manualGrants from '../../src/domain/manual-grants.ts';
import * as organizations from '../../src/domain/organizations.ts';
import { openIntake } from '../../src/domain/usage/intake.ts';
import type { Services } from '../../src/graphql/context.ts';
import { openKeyring } from '../../src/lib/keyring.ts';
import type { Storage } from '../../src/lib/storage.ts';
import type { Bus } from '../../src/platform/bus.ts';
import { openMemoryBus } from '../../src/platform/bus-memory.ts';
import { openDatabase } from '../../src/platform/database.ts';
import { openLog } from '../../src/platform/log.ts';
import type { Queue } from '../../src/platform/queue.ts';
import { openLocalStorage } from '../../src/platform/storage/local-storage.ts';
import { type EventDraft, openUnitOfWork } from '../../src/platform/unit-of-work.ts';
import { openHttp } from '../../src/providers/http.ts';
import { openServer } from '../../src/server/http.ts';
import type { Patience } from '../../src/server/listener.ts';
import { testDatabase } from './database.ts';
import { temporaryFolder } from './folder.ts';
import { testMeans } from './means.ts';
import { PATIENCE_MS } from './patience.ts';
import { schemaOf } from './schema.ts';

export type Node = Awaited<ReturnType<typeof openNode>>;

/** Jobs are not what is tested here: nothing is queued, and settlement is called. */
const NO_QUEUE: Queue = { enqueue: async () => {}, work: async () => {}, [Symbol.asyncDispose]: async () => {} };

/**
 * One process of Boon without its worker: server, live stream, log and a database, its own or that of another node.
 * Its clock stands at `time.now` once that is set.
 */
export async function openNode({
  of,
  bus: given,
  demo = false,
  patience = {},
  limits,
  trustedProxies = 0,
  storage,
  folder: filesAt,
  providers = {},
}: {
  /** Another node, whose data this one shares. */
  of?: { databaseUrl: string; organizationId: string; time: { now: Date | null }; folder?: string };
  bus?: Bus;
  demo?: boolean;
  patience?: Patience & { listenersMs?: number };
  limits?: LicenseLimits;
  trustedProxies?: number;
  /** Where files are kept; a folder of its own without it. */
  storage?: Storage;
  /** Which folder of files is its own; one in memory, mostly, without it. */
  folder?: string;
  /** The third parties that are configured. */
  providers?: ProviderSettings;
} = {}) {
  await using stack = new AsyncDisposableStack();
  const databaseUrl = of?.databaseUrl ?? stack.use(await testDatabase()).url;
  const lines: string[] = [];
  const log = openLog('debug', (line) => void lines.push(line));
  const database = stack.use(await openDatabase({ url: databaseUrl, log, connections: 5, patienceMs: PATIENCE_MS }));
  const listening = new Set<symbol>();
  const bus = stack.use(counted(given ?? openMemoryBus(), listening));
  const keyring = openKeyring(['a secret that is only good for tests']);
  const time: { now: Date | null } = of?.time ?? { now: null };
  const clock = () => time.now ?? new Date();
  const cache = openLicenseCache({ database, keyring });
  const transaction = openUnitOfWork({ database, queue: NO_QUEUE, bus, keyring, clock, onCommit: cache.hear });
  const signer = openSigner({ transaction, clock });
  const feed = stack.use(openFeed({ database, bus, log, lookMs: 100, patienceMs: patience.listenersMs ?? 5_000 }));
  const licenses = stack.use(openLicenses({ database, transaction, keyring, cache, feed, clock, log }));
  const http = stack.use(openHttp({ inside: 'loopback' }));
  const means = await testMeans(database, providers);
  const folder = filesAt ?? of?.folder ?? stack.use(await temporaryFolder('boon-test-files-')).path;
  const local = await openLocalStorage({ folder, keyring, clock });
  const services: Services = {
    database,
    transaction,
    keyring,
    clock,
    feed,
    http,
    licenses,
    consumeCredits: openConsumption({ transaction }),
    ingestUsage: openIntake({ transaction }),
    signer,
    limits,
    log,
    kinds,
    means,
    storage: storage ?? local,
    ...(!storage && { localStorage: local }),
    fileQuota: 10n ** 12n,
    url: '',
  };
  const newOrganization = (name: string) => transaction((tx) => organizations.create(tx, { name }));
  const organizationId = of?.organizationId ?? (await newOrganization('Acme')).id;
  const config = { host: '127.0.0.1', port: 0, trustedProxies, demo };
  const server = stack.use(await openServer({ config, schema: schemaOf(kinds), services, bus, patience }));
  const closing = stack.move();
  let count = 0;

  return {
    ...services,
    url: server.url,
    databaseUrl,
    folder,
    /** The folder of files, also where they are kept elsewhere. */
    local,
    time,
    /** What was logged so far. */
    lines,
    organizationId,
    /** How many logs are followed at the moment. */
    following: () => listening.size,
    newOrganization,
    token: async (
      facts: { organizationId?: string; scopes?: string[]; expiresAt?: Date } = {},
    ): Promise<{ id: string; token: string }> => {
      const made = await transaction((tx) => accessTokens.create(tx, { organizationId, name: 'A test', ...facts }));
      return { id: made.accessToken.id, token: made.token };
    },
    customer: () =>
      transaction((tx) =>
        customers.create(tx, { organizationId, email: `c${Date.now()}.${++count}@example.com`, name: 'Ada' }),
      ),
    session: async (customerId: string): Promise<{ id: string; token: string }> => {
      const made = await transaction((tx) => customerSessions.create(tx, { organizationId, customerId }));
      return { id: made.session.id, token: made.token };
    },
    /** A grant of a new benefit to a new customer, promised and not delivered. */
    grant: () =>
      transaction(async (tx) => {
        const [{ type, example }] = kinds as [Kind];
        const benefit = await benefits.create(tx, { organizationId, type, ...example } as never);
        const customer = await customers.create(tx, { organizationId, email: `g${++count}@example.com` });
        return manualGrants.create(tx, { organizationId, customerId: customer.id, benefitId: benefit.id });
      }),
    /** Appends an event, as if something had happened. */
    happen: (type = 'thing.happened', facts: Partial<EventDraft> = {}) =>
      transaction(async (tx) =>
        tx.append({ organizationId, type, subjectId: 'thing', data: { thing: { id: String(++count) } }, ...facts }),
      ),
    settle: (customerId: string) => settle({ transaction, kinds, means, log }, customerId),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

/** The same bus; whoever listens is in the set. */
function counted(bus: Bus, listening: Set<symbol>): Bus {
  return {
    ...bus,
    async listen(topic, onRing) {
      const listener = Symbol(topic);
      listening.add(listener);
      const stop = await bus.listen(topic, onRing);
      return async () => {
        listening.delete(listener);
        await stop();
      };
    },
  };
}
