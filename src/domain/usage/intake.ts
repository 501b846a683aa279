import { batching } from '../../lib/batching.ts';
import type { Transaction } from '../../platform/unit-of-work.ts';
import type { Report } from './checking.ts';
import { type Ingested, ingestAll } from './ingestion.ts';

/** A batch of usage that is taken whole or not at all. */
export interface Delivery {
  organizationId: string;
  events: readonly Report[];
}

export type Ingest = (delivery: Delivery) => Promise<Ingested>;

const TOGETHER = { most: 8, lanes: 2, keysOf: whoIsIn };

/** Who is named in two ways may be waited for; nothing more comes of it. */
function whoIsIn({ organizationId, events }: Delivery): Set<string> {
  return new Set(
    events.map(({ customer: { id, externalId, email } }) => id ?? `${organizationId} ${externalId ?? email}`),
  );
}

/**
 * Batches that come together are recorded together, each as if it came alone, and so are those whose customers are in one
 * that is under way: whoever is in several has one change of balance instead of one each, and waits for nobody's locks.
 */
export const openIntake = ({ transaction }: { transaction: Transaction }): Ingest =>
  batching<Delivery, Ingested>(TOGETHER, async (deliveries) => {
    const answers = new Map<Delivery, Ingested | Error>();
    const organizations = Map.groupBy(deliveries, ({ organizationId }) => organizationId);
    await Promise.all(
      organizations.entries().map(async ([organizationId, theirs]) => {
        const batches = theirs.map(({ events }) => events);
        // What fails for one organization has nothing to do with what is recorded for another.
        const answered = await transaction((tx) => ingestAll(tx, organizationId, batches)).catch(toError);
        for (const [index, delivery] of theirs.entries())
          answers.set(delivery, answered instanceof Error ? answered : (answered[index] as Ingested | Error));
      }),
    );
    return deliveries.map((delivery) => answers.get(delivery) as Ingested | Error);
  });

const toError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));
