import { settle } from '../../src/benefits/fulfillment.ts';
import type { Kind } from '../../src/benefits/kind.ts';
import { kinds as allKinds } from '../../src/benefits/kinds.ts';
import type { ProviderSettings } from '../../src/config.ts';
import * as benefits from '../../src/domain/benefits.ts';
import { openConsumption } from '../../src/domain/credits/consumption.ts';
import * as customers from '../../src/domain/customers.ts';
import { openLicenseCache } from '../../src/domain/licenses/cache.ts';
import { openLicenses } from '../../src/domain/licenses/licenses.ts';
import { openSigner } from '../../src/domain/licenses/signer.ts';
import * as organizations from '../../src/domain/organizations.ts';
import * as products from '../../src/domain/products.ts';
import { openIntake } from '../../src/domain/usage/intake.ts';
import { QUEUES } from '../../src/jobs/index.ts';
import { openKeyring } from '../../src/lib/keyring.ts';
import { openDatabase } from '../../src/platform/database.ts';
import { openLog } from '../../src/platform/log.ts';
import { openQueue } from '../../src/platform/queue.ts';
import { openLocalStorage } from '../../src/platform/storage/local-storage.ts';
import { openUnitOfWork } from '../../src/platform/unit-of-work.ts';
import { openHttp } from '../../src/providers/http.ts';
import { testDatabase } from './database.ts';
import { temporaryFolder } from './folder.ts';
import { testMeans } from './means.ts';
import { PATIENCE_MS } from './patience.ts';
import { TEST_SECRET } from './secret.ts';

export type House = Awaited<ReturnType<typeof openHouse>>;

/** Everything below the transports, on a real database, with a clock that a test moves and settlement that it calls. */
export async function openHouse({
  kinds = allKinds,
  startAt = new Date('2026-03-01T12:00:00Z'),
  providers = {},
}: {
  kinds?: readonly Kind[];
  startAt?: Date;
  /** The third parties that are configured. */
  providers?: ProviderSettings;
} = {}) {
  await using stack = new AsyncDisposableStack();
  const { url } = stack.use(await testDatabase());
  const log = openLog('silent');
  const database = stack.use(await openDatabase({ url, log, patienceMs: PATIENCE_MS }));
  const queue = stack.use(await openQueue({ url, log, queues: QUEUES, working: false }));
  const keyring = openKeyring([TEST_SECRET]);
  const time = { now: startAt };
  const rung: string[] = [];
  const bus = {
    ring: (topics: Iterable<string>) => void rung.push(...topics),
    listen: async () => async () => {},
    isUp: () => true,
    [Symbol.asyncDispose]: async () => {},
  };
  const clock = () => new Date(time.now);
  const cache = openLicenseCache({ database, keyring });
  const transaction = openUnitOfWork({ database, queue, bus, keyring, clock, onCommit: cache.hear });
  const licenses = stack.use(openLicenses({ database, transaction, keyring, cache, clock, log }));
  const http = stack.use(openHttp({ inside: 'loopback' }));
  const organization = await transaction((tx) => organizations.create(tx, { name: 'Acme' }));
  const organizationId = organization.id;
  const means = await testMeans(database, providers);
  const folder = stack.use(await temporaryFolder('boon-test-files-')).path;
  const storage = await openLocalStorage({ folder, keyring, clock });
  const closing = stack.move();
  let count = 0;

  return {
    url,
    database,
    queue,
    keyring,
    transaction,
    licenses,
    consumeCredits: openConsumption({ transaction }),
    ingestUsage: openIntake({ transaction }),
    http,
    clock,
    signer: openSigner({ transaction, clock }),
    kinds,
    means,
    storage,
    localStorage: storage,
    folder,
    fileQuota: 10n ** 12n,
    log,
    time,
    rung,
    organizationId,
    prisma: database.prisma,
    /** Moves the clock. */
    passTime: (milliseconds: number) => {
      time.now = new Date(time.now.getTime() + milliseconds);
    },
    settle: (customerId: string) => settle({ transaction, kinds, means, log }, customerId),
    customer: () =>
      transaction((tx) =>
        customers.create(tx, { organizationId, email: `customer${++count}@example.com`, name: 'Ada' }),
      ),
    benefit: (type = 'custom', properties: object = { note: 'Hello', fulfillment: 'AUTOMATIC' }) =>
      transaction((tx) =>
        benefits.create(tx, {
          organizationId,
          type,
          description: `A ${type} benefit`,
          properties: properties as never,
        }),
      ),
    product: async (benefitIds: readonly string[], facts: { keepForBuyers?: boolean } = {}) => {
      const product = await transaction((tx) => products.create(tx, { organizationId, name: 'A product', ...facts }));
      return transaction((tx) => products.setBenefits(tx, { organizationId, id: product.id, benefitIds }));
    },
    grants: (customerId: string) =>
      database.prisma.benefitGrant.findMany({
        where: { customerId },
        orderBy: [{ createdAt: 'asc' }, { position: 'asc' }],
      }),
    events: async (filter: { customerId?: string; subjectId?: string } = {}) => {
      const rows = await database.prisma.event.findMany({
        where: { organizationId, ...filter },
        orderBy: { sequence: 'asc' },
      });
      return rows.map((row) => row.type);
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}
