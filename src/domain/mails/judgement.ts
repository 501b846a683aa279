import { after, MINUTE_MS } from '../../lib/time.ts';
import { isOpen } from '../grants/entitlement.ts';
import type { LoadedGrant } from '../grants/facts.ts';
import { sourceIdOf } from '../grants/facts.ts';
import { isEntitled, isParked } from '../grants/work.ts';
import type { CustomerMail } from './facts.ts';

/** What becomes of a planned mail, now that it is due. */
export type Judgement =
  /** It is about these grants, in their order, and asks the customer for what these codes of attention stand for. */
  | { is: 'write'; grants: LoadedGrant[]; asks: string[] }
  | { is: 'wait'; until: Date }
  /** There is nothing to say any more. */
  | { is: 'moot'; why: string };

/** A welcome waits this long for everything to be delivered; then it says what there is. */
export const WELCOME_PATIENCE_MS = 15 * MINUTE_MS;
/** It is told when something changes; this is for when that was missed. */
export const LOOK_AGAIN_MS = 5 * MINUTE_MS;

export function judge(facts: CustomerMail, now: Date): Judgement {
  switch (facts.mail.occasion) {
    case 'welcome':
      return judgeWelcome(facts, now);
    case 'action_needed':
      return judgeAction(facts, now);
    case 'access_ending':
      return judgeEnding(facts, now);
    case 'access_removed':
      return judgeRemoval(facts, now);
    case 'credits_low':
      return { is: 'write', grants: [], asks: [] };
    case 'endpoint_disabled':
      return { is: 'moot', why: 'It is not for customers.' };
  }
}

function judgeWelcome({ mail, customer }: CustomerMail, now: Date): Judgement {
  const grants = ofSource(customer.grants, mail.subjectId).filter((grant) => isEntitled(grant, now));
  if (grants.length === 0) return moot('Nothing is granted any more.');
  const deadline = after(mail.sendAt, WELCOME_PATIENCE_MS);
  if (now < deadline && grants.some((grant) => grant.state !== 'ACTIVE' && !isParked(grant))) {
    return { is: 'wait', until: min(after(now, LOOK_AGAIN_MS), deadline) };
  }
  return { is: 'write', grants, asks: [...new Set(grants.flatMap((grant) => waitsFor(grant, now) ?? []))] };
}

/** What a mail has asked its reader for. */
export const askedIn = ({ about }: { about: unknown }): string[] => (about as { asks?: string[] }).asks ?? [];

/** Whether a grant waits for its customer, and for what. */
const waitsFor = (grant: LoadedGrant, now: Date): string | null =>
  isEntitled(grant, now) && grant.attentionActor === 'CUSTOMER' ? grant.attentionCode : null;

function judgeAction({ mail, customer, welcomes }: CustomerMail, now: Date): Judgement {
  const { code, since } = mail.about as { code: string; since: string };
  const waiting = inOrder(customer.grants.filter((grant) => waitsFor(grant, now) === code));
  if (waiting.length === 0) return moot('The customer has done it.');
  const welcomeOf = (grant: LoadedGrant) =>
    welcomes.find(({ subjectId, state }) => subjectId === sourceIdOf(grant) && state !== 'CANCELED');
  const untold = waiting.filter((grant) => {
    const welcome = welcomeOf(grant);
    if (!welcome) return true;
    return welcome.composedAt && (welcome.composedAt < new Date(since) || !askedIn(welcome).includes(code));
  });
  if (untold.length > 0) return { is: 'write', grants: untold, asks: [code] };
  const stillToCome = waiting.some((grant) => welcomeOf(grant)?.composedAt === null);
  return stillToCome ? { is: 'wait', until: after(now, LOOK_AGAIN_MS) } : moot('The welcome has told it.');
}

function judgeEnding({ mail, customer }: CustomerMail, now: Date): Judgement {
  const { until } = mail.about as { until: string };
  const end = new Date(until);
  const ending = ofSource(customer.grants, mail.subjectId).filter(
    (grant) =>
      isEntitled(grant, now) &&
      grant.entitledUntil?.getTime() === end.getTime() &&
      !heldElsewhere(customer.grants, grant, end),
  );
  return ending.length > 0 ? { is: 'write', grants: ending, asks: [] } : moot('It does not end then.');
}

function judgeRemoval({ mail, customer }: CustomerMail, now: Date): Judgement {
  const end = new Date((mail.about as { end: string }).end).getTime();
  const removed = ofSource(customer.grants, mail.subjectId).filter(
    (grant) =>
      grant.grantedAt !== null &&
      !isEntitled(grant, now) &&
      (grant.stoppedAt ?? grant.entitledUntil)?.getTime() === end &&
      !heldElsewhere(customer.grants, grant, now),
  );
  return removed.length > 0
    ? { is: 'write', grants: removed, asks: [] }
    : moot('The customer has not lost anything by it.');
}

/** Whether the same benefit comes from somewhere else at `instant`: whoever has it twice loses nothing with one of them. */
const heldElsewhere = (grants: readonly LoadedGrant[], lost: LoadedGrant, instant: Date): boolean =>
  grants.some(
    (grant) =>
      grant.id !== lost.id &&
      grant.benefitId === lost.benefitId &&
      !grant.stoppedAt &&
      isOpen(grant.entitledUntil, instant),
  );

const ofSource = (grants: readonly LoadedGrant[], sourceId: string | null): LoadedGrant[] =>
  inOrder(grants.filter((grant) => sourceIdOf(grant) === sourceId));

const inOrder = (grants: readonly LoadedGrant[]): LoadedGrant[] =>
  grants.toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || a.position - b.position);

const moot = (why: string): Judgement => ({ is: 'moot', why });

const min = (a: Date, b: Date): Date => (a < b ? a : b);
