import type { Prisma } from '../../prisma/generated/client/client.ts';
import type { LoadedGrant } from '../domain/grants/facts.ts';
import { NO_ATTENTION, standingOf } from '../domain/grants/reconcile.ts';
import { type GrantEvent, tell } from '../domain/grants/telling.ts';
import type { Work } from '../domain/grants/work.ts';
import { after, HOUR_MS, SECOND_MS } from '../lib/time.ts';
import type { Tx } from '../platform/unit-of-work.ts';
import type { Step } from './attempt.ts';
import type { Outcome } from './outcome.ts';

const FIRST_DELAY_MS = 5 * SECOND_MS;
const LONGEST_DELAY_MS = HOUR_MS;
/** With delays that double from 5 s to 1 h, about three days. */
const MOST_ATTEMPTS = 80;

type Columns = Prisma.BenefitGrantUncheckedUpdateInput;

/** Writes on the grant what became of a step, and tells it. The customer at hand is brought up to date as well. */
export async function conclude(tx: Tx, { customer, grant, work, kind }: Step, outcome: Outcome<unknown>): Promise<void> {
  const data = outcome.is === 'done' ? success(grant, work, tx.now) : failure(grant, work, outcome, tx.now);
  const held = 'held' in outcome && outcome.held !== null ? { held: outcome.held as Prisma.InputJsonObject } : {};
  const { version, period } = standingOf(customer, grant);
  const applied = outcome.is === 'done' && work !== 'withdraw' ? { appliedVersion: version, appliedPeriod: period } : {};
  const updated = await tx.db.benefitGrant.update({ where: { id: grant.id }, data: { ...data, ...held, ...applied, updatedAt: tx.now } });
  const news = newsOf(grant, work, outcome, kind?.keep.renews ?? false);
  if (news) tell(tx, news.type, updated, customer, grant.benefit, news.changed);
  Object.assign(grant, updated);
}

function success(grant: LoadedGrant, work: Work, now: Date): Columns {
  if (work === 'withdraw') return { ...NO_ATTENTION, state: 'REVOKED', revokedAt: now };
  return { ...NO_ATTENTION, state: 'ACTIVE', grantedAt: work === 'deliver' ? now : (grant.grantedAt ?? now), revokedAt: null };
}

function failure(grant: LoadedGrant, work: Work, outcome: Exclude<Outcome<unknown>, { is: 'done' }>, now: Date): Columns {
  const attempts = grant.attempts + 1;
  const attention = { attentionCode: outcome.code, attentionMessage: outcome.message, attempts };
  const retryAt = after(now, delayOf(outcome, attempts));
  // What must be taken away is never given up and waits for nobody.
  if (work === 'withdraw') return { ...attention, attentionActor: outcome.is === 'needs' ? outcome.who : 'SYSTEM', retryAt };
  if (outcome.is === 'needs') return { ...attention, attentionActor: outcome.who, retryAt: null };
  if (outcome.is === 'gaveUp' || attempts >= MOST_ATTEMPTS) {
    return { ...attention, attentionCode: 'GAVE_UP', attentionActor: 'SYSTEM', retryAt: null };
  }
  return { ...attention, attentionActor: 'SYSTEM', retryAt };
}

function delayOf(outcome: Outcome<unknown>, attempts: number): number {
  if (outcome.is === 'retry' && outcome.seconds !== null) return outcome.seconds * SECOND_MS;
  return Math.min(FIRST_DELAY_MS * 2 ** (attempts - 1), LONGEST_DELAY_MS);
}

/** Another attempt that fails for the same reason is no news, and neither is a new period nobody gets anything for. */
function newsOf(grant: LoadedGrant, work: Work, outcome: Outcome<unknown>, renews: boolean): { type: GrantEvent; changed?: string[] } | null {
  if (outcome.is !== 'done') {
    return outcome.code === grant.attentionCode ? null : { type: 'benefit_grant.updated', changed: ['attention'] };
  }
  switch (work) {
    case 'withdraw':
      return { type: 'benefit_grant.revoked' };
    case 'renew':
      return renews ? { type: 'benefit_grant.cycled' } : null;
    case 'reapply':
      return { type: 'benefit_grant.updated', changed: ['properties'] };
    case 'deliver':
      return { type: 'benefit_grant.updated', changed: ['state'] };
  }
}
