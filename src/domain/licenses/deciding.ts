import { type Consumption, type ConsumptionAnswer, decide, type Use } from './consumption.ts';
import type { JudgedLicense, NamedActivation } from './judgement.ts';

/** What is known about those who wish, read together. */
export interface Known {
  /** By their keys. */
  opened: ReadonlyMap<string, JudgedLicense>;
  activations: ReadonlyMap<string, NamedActivation>;
  /** What was answered before, by `useName`. */
  uses: ReadonlyMap<string, Use>;
}

export interface NewUse extends Use {
  licenseKeyId: string;
  idempotencyKey: string;
  createdAt: Date;
}

export interface Settled {
  /** In the order of the wishes; an Error is a mistake in one of them. */
  answers: (ConsumptionAnswer | Error)[];
  /** Whose licenses are not what they were. */
  customerIds: Set<string>;
}

export interface Decided extends Settled {
  /** What each license that something was taken from has used by now. */
  taken: Map<string, number>;
  /** What is to be answered again under the same idempotency key. */
  fresh: NewUse[];
}

/** What becomes of many wishes, in the order they came. Pure. */
export function decideAll(wishes: readonly Consumption[], { opened, activations, uses }: Known, now: Date): Decided {
  const decided: Decided = { answers: [], customerIds: new Set(), taken: new Map(), fresh: [] };
  const { taken, fresh, customerIds } = decided;
  const answered = new Map(uses);

  const settle = (wish: Consumption): ConsumptionAnswer => {
    const license = opened.get(wish.key) ?? null;
    const { idempotencyKey } = wish;
    const name = license && idempotencyKey ? useName(license.id, idempotencyKey) : '';
    const record = license && { ...license, usage: taken.get(license.id) ?? license.usage };
    const activation = activations.get(wish.activationId ?? '') ?? null;
    const before = answered.get(name) ?? null;
    const answer = decide(record, activation, before, wish, now);
    if (!record || answer.usage === null || before) return answer;
    if (answer.valid) {
      taken.set(record.id, answer.usage);
      customerIds.add(record.customerId);
    }
    if (!idempotencyKey) return answer;
    const use = { units: wish.units, code: answer.code, usage: answer.usage, limitUsage: answer.limitUsage };
    answered.set(name, use);
    fresh.push({ ...use, licenseKeyId: record.id, idempotencyKey, createdAt: now });
    return answer;
  };

  decided.answers = wishes.map((wish) => {
    try {
      return settle(wish);
    } catch (error) {
      return error as Error;
    }
  });
  return decided;
}

/** An idempotency key of one license, as a name in a map. */
export const useName = (licenseKeyId: string, idempotencyKey: string): string => `${licenseKeyId} ${idempotencyKey}`;
