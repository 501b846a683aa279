import type { Prisma } from '../../prisma/generated/client/client.ts';
import * as customerStates from '../domain/customer-states.ts';
import type { LoadedGrant } from '../domain/grants/facts.ts';
import { type GrantEvent, tell } from '../domain/grants/telling.ts';
import { isEntitled, type Work } from '../domain/grants/work.ts';
import { type GrantChange, NO_ATTENTION, write } from '../domain/grants/writing.ts';
import { differences } from '../lib/difference.ts';
import { after, HOUR_MS, SECOND_MS } from '../lib/time.ts';
import type { Tx } from '../platform/unit-of-work.ts';
import type { Step } from './attempt.ts';
import { accountFor } from './order.ts';
import type { Outcome } from './outcome.ts';

const FIRST_DELAY_MS = 5 * SECOND_MS;
const LONGEST_DELAY_MS = HOUR_MS;
/** With delays that double from 5 s to 1 h, about three days. */
const MOST_ATTEMPTS = 80;

type Columns = GrantChange['data'];

/** A step, and what became of it. */
export interface Concluded {
  step: Step;
  outcome: Outcome<unknown>;
}

/**
 * Writes on the grants of different customers what became of a step of each, and tells it. The customers at hand are
 * brought up to date as well.
 */
export async function conclude(tx: Tx, concluded: readonly Concluded[]): Promise<void> {
  const results = concluded.map((one) => resultOf(one, tx.now));
  await write(tx, results);
  for (const { step, news, isState } of results) {
    const { customer, grant } = step;
    if (news) tell(tx, news.type, grant, customer, grant.benefit, news.changed);
    if (isState) customerStates.tell(tx, customer);
  }
  const again = results.filter(({ isPromisedAgain }) => isPromisedAgain);
  await write(
    tx,
    again.map(({ grant }) => ({ grant, data: { state: 'CREATED', revokedAt: null } })),
  );
  for (const { step, grant } of again) tell(tx, 'benefit_grant.created', grant, step.customer, step.grant.benefit);
}

interface Result extends GrantChange {
  step: Step;
  news: News | null;
  /** Whether it changes what the customer has. */
  isState: boolean;
  /** It was taken away, and is entitled again by now. */
  isPromisedAgain: boolean;
}

function resultOf({ step, outcome }: Concluded, now: Date): Result {
  const { grant, work } = step;
  /** Entitlement has changed meanwhile: what failed need not be done any more. */
  const turned = isEntitled(grant, now) === (work === 'withdraw');
  const moved = isMoved(step);
  /** What was in the way may be gone: somebody said to try again, or changed what is promised, while it was tried. */
  const overtaken =
    moved ||
    grant.updatedAt.getTime() !== step.unchangedSince.getTime() ||
    (work !== 'withdraw' && grant.benefit.version !== step.standing.version);
  const moot = turned || overtaken;
  const isDone = outcome.is === 'done';
  const held = 'held' in outcome && outcome.held !== null ? { held: outcome.held as Prisma.JsonObject } : {};
  const written = isDone ? success(step, now) : moot ? {} : failure(grant, work, outcome, now);
  const data = { ...written, ...held, ...(moved && { appliedVersion: 0 }) };
  const news = !isDone && moot ? null : newsOf(step, outcome, data);
  return {
    step,
    grant,
    data,
    news,
    // A promise that was never kept is no part of what the customer has.
    isState: news?.isState === true && (grant.state === 'ACTIVE' || data.state === 'ACTIVE'),
    isPromisedAgain: isDone && work === 'withdraw' && turned,
  };
}

/** The customer linked, chose or unlinked an account meanwhile: what came of it was about the one before, and is to be done again. */
function isMoved({ customer, kind, order, work }: Step): boolean {
  if (work === 'withdraw') return false;
  const account = accountFor(customer, kind);
  return (
    account?.accountId !== order.account?.accountId || account?.linkedAt.getTime() !== order.account?.linkedAt.getTime()
  );
}

function success({ grant, work, standing }: Step, now: Date): Columns {
  if (work === 'withdraw') return { ...NO_ATTENTION, state: 'REVOKED', revokedAt: now };
  return {
    ...NO_ATTENTION,
    state: 'ACTIVE',
    grantedAt: work === 'deliver' ? now : (grant.grantedAt ?? now),
    revokedAt: null,
    appliedVersion: standing.version,
    // A change that is delivered again says nothing about a period that began in the meantime.
    ...(work !== 'reapply' && { appliedPeriod: standing.period }),
  };
}

function failure(
  grant: LoadedGrant,
  work: Work,
  outcome: Exclude<Outcome<unknown>, { is: 'done' }>,
  now: Date,
): Columns {
  const attempts = grant.attempts + 1;
  const attention = { attentionCode: outcome.code, attentionMessage: outcome.message, attempts };
  const retryAt = after(now, delayOf(outcome, attempts));
  // What must be taken away is never given up and waits for nobody.
  if (work === 'withdraw')
    return { ...attention, attentionActor: outcome.is === 'needs' ? outcome.who : 'SYSTEM', retryAt };
  if (outcome.is === 'needs')
    return {
      ...attention,
      attentionActor: outcome.who,
      retryAt: null,
      ...(outcome.gone && { state: 'CREATED' as const }),
    };
  if (outcome.is === 'gaveUp' || attempts >= MOST_ATTEMPTS) {
    return { ...attention, attentionCode: 'GAVE_UP', attentionActor: 'SYSTEM', retryAt: null };
  }
  return { ...attention, attentionActor: 'SYSTEM', retryAt };
}

function delayOf(outcome: Outcome<unknown>, attempts: number): number {
  if (outcome.is === 'retry' && outcome.seconds !== null) return outcome.seconds * SECOND_MS;
  return Math.min(FIRST_DELAY_MS * 2 ** (attempts - 1), LONGEST_DELAY_MS);
}

interface News {
  type: GrantEvent;
  changed?: string[];
  /** Whether it is about what is held: neither what is in the way nor what the benefit says. */
  isState: boolean;
}

/**
 * Another attempt that fails for the same reason is no news, and neither is a new period nobody gets anything for, nor what
 * is as it was after it was given again.
 */
function newsOf({ grant, work, kind }: Step, outcome: Outcome<unknown>, after: Columns): News | null {
  if (outcome.is === 'done' && work === 'withdraw') return { type: 'benefit_grant.revoked', isState: true };
  if (outcome.is === 'done' && work === 'renew' && kind?.keep.renews)
    return { type: 'benefit_grant.cycled', isState: true };
  const { held, state, attentionCode } = { ...grant, ...after };
  const isGivenAgain = outcome.is === 'done' && work === 'reapply';
  const others = differences(grant, { held, state });
  // Without a version, nobody has changed what the benefit says.
  const isEdited = grant.appliedVersion > 0;
  const changed = [
    ...(isGivenAgain && (isEdited || others.includes('held')) ? ['properties'] : []),
    ...(others.includes('state') ? ['state'] : []),
    ...(attentionCode === grant.attentionCode ? [] : ['attention']),
  ];
  if (changed.length === 0) return null;
  return { type: 'benefit_grant.updated', changed, isState: others.length > 0 };
}
