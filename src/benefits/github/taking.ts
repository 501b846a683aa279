import { LEVELS, type Level } from '../../providers/github/levels.ts';
import type { Repository } from '../../providers/github/repositories.ts';
import type { Github } from '../../providers/github.ts';
import type { Problem } from '../../providers/problem.ts';
import type { Hands } from '../kind.ts';
import { noteProblem, problem, problemOf, release } from '../provider-problem.ts';
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
      await takeOne(github, before.account, item, hands);
      held = withoutItem(held, item);
    } catch (error) {
      const met = await github.repositories.why(item, problemOf(error), hands.signal);
      if (met.who === 'MERCHANT') github.repositories.forget(item);
      problems.push(met);
      await noteProblem(hands, 'GITHUB', item.ownerId, met);
      held = withItem(held, { ...item, status: 'FAILED', error: { code: met.code, message: met.message } });
    }
    await hands.record(held);
  }
  return { held, problems };
}

async function takeOne(github: Github, account: Held['account'], item: Item, hands: Hands<Held>): Promise<void> {
  // Nobody has even looked, so nothing was given.
  if (item.before === null) return;
  const key = keyOf(item.repositoryId, account.id);
  const answer = await release(hands, key);
  const claimed = answer === 'shared' ? await hands.level(key) : null;
  const rest = higher(item.before.level, claimed === null ? null : (LEVELS[claimed] ?? null));
  if (answer === 'shared' && rest === null) return;
  const repository = await findAgain(github, item, hands);
  if (repository) await leaveAt(github, repository, account, rest, hands);
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
  { collaborators }: Github,
  repository: Repository,
  account: Held['account'],
  level: Level | null,
  { signal }: Hands<Held>,
): Promise<void> {
  const invitations = (await collaborators.invitations(repository, signal)).filter(
    ({ accountId }) => accountId === Number(account.id),
  );
  for (const { id, expired, level: offered } of invitations) {
    if (level === null || expired) {
      const was = await collaborators.cancelInvitation(repository, id, signal);
      // Whose invitation could still be taken back has not accepted it.
      if (was && !expired) return;
    } else if (offered === level || (await collaborators.changeInvitation(repository, id, level, signal))) return;
  }
  // They may have accepted in between, so that is looked at last.
  const person = await collaborators.find(repository, account, signal);
  if (!person) return;
  if (level === null) return collaborators.remove(repository, person.login, signal);
  if (person.level !== null && person.level !== level) await collaborators.put(repository, person.login, level, signal);
}
