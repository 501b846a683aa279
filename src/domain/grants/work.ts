import type { GrantState } from '../../../prisma/generated/client/client.ts';
import { isOpen } from './entitlement.ts';

/** What a grant needs done to be as it should. */
export type Work = 'deliver' | 'reapply' | 'renew' | 'withdraw';

export interface GrantWorkFacts {
  state: GrantState;
  entitledUntil: Date | null;
  stoppedAt: Date | null;
  held: unknown;
  appliedVersion: number;
  appliedPeriod: Date | null;
  attentionCode: string | null;
  retryAt: Date | null;
}

/** What its benefit and its source say now. */
export interface Standing {
  version: number;
  /** Null where the source has no periods or the kind does not renew. */
  period: Date | null;
}

/** Entitled by its source, and not taken away by hand. */
export const isEntitled = (grant: Pick<GrantWorkFacts, 'entitledUntil' | 'stoppedAt'>, now: Date): boolean =>
  !grant.stoppedAt && isOpen(grant.entitledUntil, now);

/** What is to be done about a grant at all, at once or later; null when it is as it should be. */
export function missing(grant: GrantWorkFacts, standing: Standing, now: Date): Work | null {
  if (!isEntitled(grant, now)) return grant.state === 'REVOKED' ? null : 'withdraw';
  if (grant.state !== 'ACTIVE') return 'deliver';
  if (grant.appliedVersion < standing.version) return 'reapply';
  if (standing.period && (!grant.appliedPeriod || grant.appliedPeriod < standing.period)) return 'renew';
  return null;
}

/** Waits for a person: nothing is tried until they have acted. */
export const isParked = (grant: Pick<GrantWorkFacts, 'attentionCode' | 'retryAt'>): boolean =>
  grant.attentionCode !== null && grant.retryAt === null;

/** Whether what is missing may be tried at `now`. */
export const isDue = (grant: GrantWorkFacts, now: Date): boolean =>
  !isParked(grant) && (grant.retryAt === null || grant.retryAt <= now);
