import { batching, inHalves } from '../../lib/batching.ts';
import { type Transaction, wasUndone } from '../../platform/unit-of-work.ts';
import type { Report } from './checking.ts';
import { type Batch, type Ingested, ingestAll } from './ingestion.ts';

/** A batch of usage that is taken whole or not at all. */
export interface Delivery {
  organizationId: string;
  events: readonly Report[];
}

export type Ingest = (delivery: Delivery) => Promise<Ingested>;

/** While one transaction waits for the disk others are under way. */
const TOGETHER = { most: 8, lanes: 3, keysOf: whoIsIn };

/** Who is named in two ways may be waited for; nothing more comes of it. */
function whoIsIn({ organizationId, events }: Delivery): Set<string> {
  return new Set(
    events.map(({ customer: { id, externalId, email } }) => id ?? `${organizationId} ${externalId ?? email}`),
  );
}

/**
 * Batches that come together are recorded together, each as if it came alone, and so are those whose customers are in one
 * that is under way: whoever is in several has one change of balance instead of one each, and waits for nobody's locks.
 * What fails for one organization has nothing to do with what is recorded for another, nor what fails for one batch with
 * any other.
 */
export const openIntake = ({ transaction }: { transaction: Transaction }): Ingest => {
  const record = (organizationId: string) =>
    inHalves<Batch, Ingested>((batches) => transaction((tx) => ingestAll(tx, organizationId, batches)), wasUndone);
  return batching<Delivery, Ingested>(TOGETHER, async (deliveries) => {
    const answers = new Map<Delivery, Ingested | Error>();
    const organizations = Map.groupBy(deliveries, ({ organizationId }) => organizationId);
    await Promise.all(
      organizations.entries().map(async ([organizationId, theirs]) => {
        const batches = theirs.map(({ events }) => events);
        const answered = await record(organizationId)(batches).catch((error: Error) => theirs.map(() => error));
        for (const [index, delivery] of theirs.entries()) answers.set(delivery, answered[index] as Ingested | Error);
      }),
    );
    return deliveries.map((delivery) => answers.get(delivery) as Ingested | Error);
  });
};
