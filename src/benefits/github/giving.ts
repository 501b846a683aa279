import type { Allowance } from '../../domain/allowances.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../lib/time.ts';
import { LEVELS, type Level } from '../../providers/github/levels.ts';
import type { Repository } from '../../providers/github/repositories.ts';
import type { Standing as Found } from '../../providers/github/standings.ts';
import type { Github } from '../../providers/github.ts';
import type { Problem } from '../../providers/problem.ts';
import type { Hands } from '../kind.ts';
import { done, goneUntilCustomer, needsCustomer, needsMerchant, type Outcome, retryAfter } from '../outcome.ts';
import { noteProblem, problem, problemOf, worst } from '../provider-problem.ts';
import {
  emptyFor,
  type Held,
  higher,
  type Item,
  isWanted,
  keyOf,
  type RepositoryOrder,
  untouched,
  type Wanted,
  withItem,
} from './held.ts';
import { takeBack } from './taking.ts';

/** GitHub allows no more invitations to one repository. */
const INVITATIONS_A_DAY = 50;
/** What makes GitHub write to people counts against these, whoever's App it is. */
const CONTENT_A_MINUTE = 80;
const CONTENT_AN_HOUR = 500;
/** Somebody may ask for more while it is being set. */
const ROUNDS = 4;

export const NOT_CONFIGURED: Outcome<never> = needsMerchant(
  'NOT_CONFIGURED',
  'GitHub is not configured: set GITHUB_APP_ID and what belongs to it; docs/github.md walks through it.',
);

/** Lets the customer's account into every repository; one that fails does not hold up the others. */
export async function give(order: RepositoryOrder<Held | null>, hands: Hands<Held>): Promise<Outcome<Held>> {
  const { github } = hands.means;
  if (!github) return NOT_CONFIGURED;
  const { account, properties } = order;
  let held = order.held;
  const problems: Problem[] = [];
  if (held) {
    const moves = held.account.id !== account?.accountId;
    const stale = held.items.filter((item) => moves || !isWanted(item, properties));
    if (!held.items.every((item) => isWanted(item, properties)))
      await hands.waitOnlyFor(properties.repositories.flatMap(linesOf));
    const taken = await takeBack(github, held, stale, hands);
    held = taken.held;
    const stuck = worst(taken.problems, held);
    if (moves && stuck) return stuck;
    problems.push(...taken.problems);
  }
  if (!account) {
    const [code, message] = ['CONNECT_GITHUB', 'Connect a GitHub account to be let into the repositories.'] as const;
    return held ? goneUntilCustomer(code, message, held) : needsCustomer(code, message);
  }
  const so: Progress = {
    held: { ...(held ?? emptyFor(account)), account: { id: account.accountId, login: account.username } },
  };
  for (const wanted of properties.repositories) {
    const item: Item = { ...(itemOf(so.held, wanted) ?? untouched(wanted)), ...wanted };
    so.held = withItem(so.held, item);
    try {
      if (!(await giveOne(github, so, item, hands, order.now)))
        return retryAfter(0, 'NO_LONGER_ENTITLED', 'Entitlement ended in the meantime.');
    } catch (error) {
      const met = await github.repositories.why(item, problemOf(error), hands.signal);
      if (met.who === 'MERCHANT') github.repositories.forget(item);
      problems.push(met);
      await noteProblem(hands, 'GITHUB', item.ownerId, met);
      const failed = { status: 'FAILED', error: { code: met.code, message: met.message } } as const;
      so.held = withItem(so.held, { ...(itemOf(so.held, item) ?? item), ...failed });
      await hands.record(so.held);
    }
  }
  return worst(problems, so.held) ?? done(so.held);
}

/** What is held by now, as far as it was written down: also when it ends in an error, something may have been given. */
interface Progress {
  held: Held;
}

const itemOf = ({ items }: Held, { repositoryId }: { repositoryId: string }): Item | undefined =>
  items.find((item) => item.repositoryId === repositoryId);

/** False when entitlement ended meanwhile. */
async function giveOne(github: Github, so: Progress, item: Item, hands: Hands<Held>, now: Date): Promise<boolean> {
  const { account } = so.held;
  const key = keyOf(item.repositoryId, account.id);
  const isGiven = item.status === 'ACTIVE' || item.status === 'INVITED';
  if (isGiven && item.given === (await levelFor(item, key, hands))) return true;

  const repository = await github.repositories.find(item, hands.signal);
  if (repository.id !== item.repositoryId)
    throw problem('MERCHANT', 'REPOSITORY_CHANGED', `${item.owner}/${item.name} is another repository by now.`);
  // Many may be waiting for the same invitations: who must wait does not ask GitHub about anything.
  if (item.given === null) wait(repository, hands, await hands.turn(invitationsOf(repository)));
  const found = await github.standingOf(repository, account);
  if (!found) throw problem('CUSTOMER', 'RECONNECT_GITHUB', 'The GitHub account is gone; connect another one.');
  const { login } = found;
  const stands = standing(found);
  const begun = await hands.together(async (at) => {
    const stood = item.before ?? (await at.stood(key, { level: stands.level }));
    const given: Item = { ...item, before: stood, status: 'WAITING', error: null };
    const held = withItem({ ...so.held, account: { ...account, login } }, given);
    if (!(await at.record(held))) return null;
    const isInvited = stands.level === null;
    return { held, given, until: isInvited ? await at.allow(invitationsOf(repository)) : null };
  });
  if (!begun) return false;
  so.held = begun.held;
  wait(repository, hands, begun.until);

  let { given } = begun;
  for (let round = 0; round < ROUNDS; round++) {
    const level = await levelFor(given, key, hands);
    if (given.given === level && round > 0) break;
    given = {
      ...given,
      ...(await set(github, repository, login, { ...stands, level: given.given ?? stands.level }, level, hands, now)),
      given: level,
    };
    stands.level = level;
  }
  // It is written down with what comes next, or with what has become of all of it.
  so.held = withItem(so.held, given);
  return true;
}

/** What anybody who is entitled stands for, and no less than what the owner gave. */
async function levelFor({ permission, before }: Item, key: string, hands: Hands<Held>): Promise<Level> {
  const claimed = await hands.level(key);
  return higher(before?.level ?? null, claimed === null ? permission : (LEVELS[claimed] ?? permission)) ?? permission;
}

interface Standing {
  level: Level | null;
  invitationId: number | null;
  /** Invitations nobody can accept any more stand in the way of new ones. */
  lapsed: number[];
}

/** What somebody may do by now, or was invited to. */
function standing({ level, invitations }: Found): Standing {
  const open = invitations.find(({ expired }) => !expired);
  const lapsed = invitations.filter(({ expired }) => expired).map(({ id }) => id);
  return { level: level ?? open?.level ?? null, invitationId: open?.id ?? null, lapsed };
}

async function set(
  github: Github,
  repository: Repository,
  login: string,
  stands: Standing,
  level: Level,
  hands: Hands<Held>,
  now: Date,
): Promise<Pick<Item, 'status' | 'invitedAt'>> {
  const at = now.toISOString();
  if (stands.level === level)
    return stands.invitationId ? { status: 'INVITED', invitedAt: at } : { status: 'ACTIVE', invitedAt: null };
  if (
    stands.invitationId &&
    (await github.collaborators.changeInvitation(repository, stands.invitationId, level, hands.signal))
  )
    return { status: 'INVITED', invitedAt: at };
  for (const id of stands.lapsed) await github.collaborators.cancelInvitation(repository, id, hands.signal);
  const invitation = await github.collaborators.put(repository, login, level, hands.signal);
  if (!invitation) return { status: 'ACTIVE', invitedAt: null };
  stands.invitationId = invitation.id;
  return { status: 'INVITED', invitedAt: at };
}

/** What an invitation counts against. */
function invitationsOf({ id, ownerId }: Repository): Allowance[] {
  const [day = '', minute = '', hour = ''] = linesOf({ repositoryId: id, ownerId });
  return [
    { name: day, limit: INVITATIONS_A_DAY, windowMs: DAY_MS },
    { name: minute, limit: CONTENT_A_MINUTE, windowMs: MINUTE_MS },
    { name: hour, limit: CONTENT_AN_HOUR, windowMs: HOUR_MS },
  ];
}

/** Where whoever is to be invited may have to wait. Our App is installed once for an owner. */
const linesOf = ({ repositoryId, ownerId }: Pick<Wanted, 'repositoryId' | 'ownerId'>): string[] => [
  `invitations of repository ${repositoryId}`,
  `content of owner ${ownerId} in a minute`,
  `content of owner ${ownerId} in an hour`,
];

/** Throws when the next invitation must wait, and says until when. */
function wait({ owner, name }: Repository, hands: Hands<Held>, until: Date | null): void {
  if (!until) return;
  const seconds = Math.max(1, Math.ceil((until.getTime() - hands.now().getTime()) / 1000));
  throw problem(
    'SYSTEM',
    'INVITATION_LIMIT',
    `No more invitations to ${owner}/${name} are allowed for now; it goes on at ${until.toISOString().slice(0, 19)}Z.`,
    seconds,
  );
}
