import type { Tx } from '../../platform/unit-of-work.ts';
import type { Consumption } from './consumption.ts';
import { decideAll, type Settled } from './deciding.ts';
import { lockByKeys, readerIn } from './locking.ts';
import { readNamedActivations } from './records.ts';
import { readUses } from './uses.ts';

/**
 * Settles many consumptions, whoever's they are, in a handful of statements: each license is locked once, its
 * consumptions are decided in the order they came, and what they come to is written once. A mistake fails its own
 * consumption only.
 */
export async function consumeAll(tx: Tx, wishes: readonly Consumption[]): Promise<Settled> {
  const opened = await lockByKeys(
    tx,
    wishes.map(({ key }) => key),
  );
  const activations = await readNamedActivations(readerIn(tx), wishes);
  const uses = await readUses(readerIn(tx), wishes, opened);
  const { taken, fresh, ...settled } = decideAll(wishes, { opened, activations, uses }, tx.now);
  if (taken.size > 0) {
    await tx.db.$executeRaw`
      UPDATE "LicenseKey" l SET usage = n.usage
      FROM unnest(${[...taken.keys()]}::text[], ${[...taken.values()]}::int[]) AS n(id, usage) WHERE l.id = n.id`;
  }
  if (fresh.length > 0) await tx.db.licenseUse.createMany({ data: fresh });
  return settled;
}
