import { isId } from '../../lib/id.ts';
import { normalizeLicenseKey } from '../../lib/license-key.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import { type Consumption, type ConsumptionAnswer, decide, type Use } from './consumption.ts';
import type { LicenseRecord, NamedActivation } from './judgement.ts';
import { lockByKeys, readerIn } from './locking.ts';
import { readActivations } from './records.ts';

/**
 * Settles many consumptions, whoever's they are, in a handful of statements: each license is locked once, its
 * consumptions are decided in the order they came, and what they come to is written once. A mistake fails its own
 * consumption only.
 */
export async function consumeAll(tx: Tx, wishes: readonly Consumption[]): Promise<Settled> {
  const keys = wishes.map(({ key }) => normalizeLicenseKey(key));
  const opened = await lockByKeys(tx, keys);
  const activations = await findActivations(tx, wishes);
  const uses = await findUses(
    tx,
    wishes.map((wish, at) => [opened.get(keys[at] ?? ''), wish] as const),
  );
  const fresh: NewUse[] = [];
  const taken = new Map<string, number>();
  const customerIds = new Set<string>();

  const answers = wishes.map((wish, at) => {
    const license = opened.get(keys[at] ?? '') ?? null;
    const name = license && wish.idempotencyKey ? nameOf(license.id, wish.idempotencyKey) : null;
    const record = license && { ...license, usage: taken.get(license.id) ?? license.usage };
    try {
      const answer = decide(
        record,
        activations.get(wish.activationId ?? '') ?? null,
        uses.get(name ?? '') ?? null,
        wish,
        tx.now,
      );
      if (!record || answer.usage === null || uses.has(name ?? '')) return answer;
      if (answer.valid) {
        taken.set(record.id, answer.usage);
        customerIds.add(record.customerId);
      }
      if (!name || !wish.idempotencyKey) return answer;
      const use = { units: wish.units, code: answer.code, usage: answer.usage, limitUsage: answer.limitUsage };
      uses.set(name, use);
      fresh.push({ ...use, licenseKeyId: record.id, idempotencyKey: wish.idempotencyKey, createdAt: tx.now });
      return answer;
    } catch (error) {
      return error as Error;
    }
  });

  if (taken.size > 0) await write(tx, taken);
  if (fresh.length > 0) await tx.db.licenseUse.createMany({ data: fresh });
  return { answers, customerIds };
}

export interface Settled {
  /** In the order of the wishes; an Error is a mistake in one of them. */
  answers: (ConsumptionAnswer | Error)[];
  /** Whose licenses are not what they were. */
  customerIds: Set<string>;
}

interface NewUse extends Use {
  licenseKeyId: string;
  idempotencyKey: string;
  createdAt: Date;
}

const nameOf = (licenseKeyId: string, idempotencyKey: string): string => `${licenseKeyId} ${idempotencyKey}`;

async function findActivations(tx: Tx, wishes: readonly Consumption[]): Promise<Map<string, NamedActivation>> {
  const ids = wishes.map(({ activationId }) => activationId ?? '').filter((id) => isId('activation', id));
  const found = ids.length > 0 ? await readActivations(readerIn(tx), ids) : [];
  return new Map(found.map((one) => [one.id, one]));
}

async function findUses(
  tx: Tx,
  wishes: readonly (readonly [LicenseRecord | undefined, Consumption])[],
): Promise<Map<string, Use>> {
  const named = wishes.filter(([license, { idempotencyKey }]) => license && idempotencyKey);
  if (named.length === 0) return new Map();
  const ids = named.map(([license]) => license?.id);
  const keys = named.map(([, { idempotencyKey }]) => idempotencyKey);
  const found = await tx.db.$queryRaw<NewUse[]>`
    SELECT u.* FROM "LicenseUse" u
    JOIN unnest(${ids}::text[], ${keys}::text[]) AS n(id, key) ON u."licenseKeyId" = n.id AND u."idempotencyKey" = n.key`;
  return new Map(found.map((use) => [nameOf(use.licenseKeyId, use.idempotencyKey), use]));
}

async function write(tx: Tx, taken: ReadonlyMap<string, number>): Promise<void> {
  await tx.db.$executeRaw`
    UPDATE "LicenseKey" l SET usage = n.usage
    FROM unnest(${[...taken.keys()]}::text[], ${[...taken.values()]}::int[]) AS n(id, usage) WHERE l.id = n.id`;
}
