import { LEVELS, type Level } from '../../providers/github/collaborators.ts';
import type { Repository } from '../../providers/github/repositories.ts';
import type { Github } from '../../providers/github.ts';
import type { Problem } from '../../providers/problem.ts';
import type { Hands } from '../kind.ts';
import { problem, problemOf, release } from '../provider-problem.ts';
import { type Held, higher, type Item, keyOf, withItem, withoutItem } from './held.ts';

/** Takes back what was recorded of these; one that fails does not hold up the others. */
export async function takeBack(
  github: Github,
  before: Held,
  items: readonly Item[],
  hands: Hands<Held>,
): Promise<{ held: Held; problems: Problem[] }> {
  const problems: Problem[] = [];
  let held = before;
  for (const item of items) {
    try {
      await takeOne(github, before.account.id, item, hands);
      held = withoutItem(held, item);
    } catch (error) {
      const met = problemOf(error);
      if (met.who === 'MERCHANT') github.repositories.forget(item);
      problems.push(met);
      held = withItem(held, { ...item, status: 'FAILED', error: { code: met.code, message: met.message } });
    }
    await hands.record(held);
  }
  return { held, problems };
}

async function takeOne(github: Github, accountId: string, item: Item, hands: Hands<Held>): Promise<void> {
  // Nobody has even looked, so nothing was given.
  if (item.before === null) return;
  const key = keyOf(item.repositoryId, accountId);
  const answer = await release(hands, key);
  const claimed = answer === 'shared' ? await hands.level(key) : null;
  const rest = higher(item.before.level, claimed === null ? null : (LEVELS[claimed] ?? null));
  if (answer === 'shared' && rest === null) return;
  const repository = await findAgain(github, item, hands);
  if (repository) await leaveAt(github, repository, Number(accountId), rest, hands);
  if (answer === 'last') await hands.removed(key);
}

/** Null when it is gone for certain, and everybody's access with it. */
async function findAgain(github: Github, item: Item, { signal }: Hands<Held>): Promise<Repository | null> {
  try {
    const repository = await github.repositories.find(item, signal);
    if (repository.id === item.repositoryId) return repository;
  } catch (error) {
    if (problemOf(error).code === 'REPOSITORY_GONE') return null;
    throw error;
  }
  throw problem(
    'MERCHANT',
    'REPOSITORY_CHANGED',
    `${item.owner}/${item.name} is another repository by now; access to the old one must be taken away by hand.`,
  );
}

/** Leaves somebody this much; nothing at all when `level` is null. */
async function leaveAt(
  github: Github,
  repository: Repository,
  accountId: number,
  level: Level | null,
  { signal }: Hands<Held>,
): Promise<void> {
  const { collaborators } = github;
  const login = await collaborators.loginOf(repository.installationId, accountId, signal);
  if (!login) return;
  const invitations = (await collaborators.invitations(repository, signal)).filter(
    (invitation) => invitation.accountId === accountId,
  );
  for (const invitation of invitations) {
    if (level === null || invitation.expired) await collaborators.cancelInvitation(repository, invitation.id, signal);
    else if (
      invitation.level === level ||
      (await collaborators.changeInvitation(repository, invitation.id, level, signal))
    )
      return;
  }
  // They may have accepted in between, so that is looked at last.
  if (level === null) return collaborators.remove(repository, login, signal);
  const now = await collaborators.levelOf(repository, login, signal);
  if (now !== null && now !== level) await collaborators.put(repository, login, level, signal);
}
