import type { Tx } from '../platform/unit-of-work.ts';
import type { Step } from './attempt.ts';
import type { Concluded } from './conclusion.ts';
import type { Order } from './kind.ts';
import { done, type Outcome, unknownKind } from './outcome.ts';

/** Keeps promises that lie in our own rows, one to each customer, in the caller's transaction; those of one kind at once. */
export async function keepInRows(tx: Tx, steps: readonly Step[]): Promise<Concluded[]> {
  const concluded: Concluded[] = [];
  for (const alike of Map.groupBy(steps, (step) => `${verbOf(step)} ${step.grant.benefit.type}`).values()) {
    const outcomes = await keepAlike(tx, alike);
    for (const [index, step] of alike.entries()) {
      const outcome = outcomes[index];
      if (!outcome) throw new Error(`The kind ${step.grant.benefit.type} did not answer for every grant.`);
      concluded.push({ step, outcome });
    }
  }
  return concluded;
}

async function keepAlike(tx: Tx, steps: readonly Step[]): Promise<Outcome<unknown>[]> {
  const [step] = steps;
  if (step?.kind?.keep.where !== 'rows') return steps.map(({ grant }) => unknownKind(grant.benefit.type));
  const orders = steps.map(({ order }) => order);
  switch (verbOf(step)) {
    case 'deliver':
      return step.kind.keep.deliver(tx, orders);
    case 'withdraw':
      return step.kind.keep.withdraw(tx, orders as Order<Record<string, unknown>, Record<string, unknown>>[]);
    case 'forget':
      return orders.map(() => done(null));
  }
}

/** What was never delivered need not be withdrawn. */
const verbOf = ({ work, order }: Step): 'deliver' | 'withdraw' | 'forget' =>
  work !== 'withdraw' ? 'deliver' : order.held === null ? 'forget' : 'withdraw';
