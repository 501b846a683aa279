import { openConsumption } from '../../src/domain/credits/consumption.ts';
import { QUEUES } from '../../src/jobs/index.ts';
import { openKeyring } from '../../src/lib/keyring.ts';
import { openDatabase } from '../../src/platform/database.ts';
import { openLog } from '../../src/platform/log.ts';
import { openQueue } from '../../src/platform/queue.ts';
import { openUnitOfWork } from '../../src/platform/unit-of-work.ts';
import { TEST_SECRET } from './secret.ts';

/** Consumers as a process of their own: so many at once, each for one unit. Says how many got it. */
const [, , url = '', organizationId = '', customerId = '', meterId = '', count = '0'] = process.argv;
const log = openLog('silent');
await using database = await openDatabase({ url, log });
await using queue = await openQueue({ url, log, queues: QUEUES, working: false });
const bus = {
  ring: () => {},
  listen: async () => async () => {},
  isUp: () => true,
  [Symbol.asyncDispose]: async () => {},
};
const keyring = openKeyring([TEST_SECRET]);
const transaction = openUnitOfWork({ database, queue, bus, keyring, clock: () => new Date() });
const consume = openConsumption({ transaction });
const tries = await Promise.allSettled(
  Array.from({ length: Number(count) }, () =>
    consume({ organizationId, customer: { id: customerId }, meterId, units: '1' }),
  ),
);
const refused = tries.filter((each) => each.status === 'rejected');
for (const { reason } of refused) if (reason.code !== 'INSUFFICIENT_CREDITS') throw reason;
console.log(`took ${tries.length - refused.length}`);
