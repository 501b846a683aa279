import { DAY_MS } from '../../lib/time.ts';
import type { Invitation } from '../../providers/github/collaborators.ts';
import type { Level } from '../../providers/github/levels.ts';
import type { Repository } from '../../providers/github/repositories.ts';
import type { Github } from '../../providers/github.ts';
import { type Problem, ProviderError } from '../../providers/problem.ts';
import type { Finding, Sight } from '../kind.ts';
import { needsCustomer, refused } from '../outcome.ts';
import { problemOf } from '../provider-problem.ts';
import { type Held, type Item, isWanted, type RepositoryOrder, rankOf } from './held.ts';

const INVITATION_MS = 7 * DAY_MS;

/** Everything there is to see in a repository. */
type Seen = { people: ReadonlyMap<number, Level>; invitations: readonly Invitation[] } | { problem: Problem };

/** Compares what was given with who is in the repositories: a few calls, however many grants there are. */
export async function look(
  orders: readonly RepositoryOrder<Held>[],
  { means, signal }: Sight,
): Promise<Finding<Held>[]> {
  if (!means.github) return [];
  const named = new Map(orders.flatMap(({ held }) => held.items.map((item) => [item.repositoryId, item])));
  const seen = await see(means.github, [...named.values()], signal);
  return orders.flatMap((order) => {
    const items = order.held.items.map((item) =>
      isWanted(item, order.properties)
        ? judge(item, Number(order.held.account.id), seen.get(item.repositoryId), order.now)
        : judgeLeft(item, seen.get(item.repositoryId)),
    );
    if (items.every((item, index) => item === order.held.items[index])) return [];
    const held = { ...order.held, items };
    const broken = items
      .filter((item) => isWanted(item, order.properties))
      .map(({ repositoryId }) => seen.get(repositoryId))
      .find((one) => one && 'problem' in one);
    const again = items.some(({ status }) => status === 'WAITING');
    const declined = items.some((item, index) => item.status === 'DECLINED' && item !== order.held.items[index]);
    return [
      {
        grantId: order.grant.id,
        held,
        again,
        // Where something can be given, the attempt tells what is in the way of the rest.
        ...(broken && 'problem' in broken && !again
          ? { problem: refused(broken.problem, held) }
          : declined && {
              problem: needsCustomer(
                'INVITATION_DECLINED',
                'The invitation was declined. Connect the account again to be invited anew.',
                held,
              ),
            }),
      },
    ];
  });
}

async function see(github: Github, items: readonly Item[], signal: AbortSignal): Promise<Map<string, Seen>> {
  const seen = new Map<string, Seen>();
  const found: Repository[] = [];
  for (const item of items) {
    try {
      github.repositories.forget(item);
      const repository = await github.repositories.find(item, signal);
      if (repository.id === item.repositoryId) found.push(repository);
    } catch (error) {
      seen.set(item.repositoryId, { problem: problemOf(error) });
    }
  }
  for (const [, repositories] of Map.groupBy(found, ({ installationId }) => installationId)) {
    const everybody = github.everybodyIn(repositories, signal);
    for (const repository of repositories) seen.set(repository.id, await seeOne(github, repository, everybody, signal));
  }
  return seen;
}

/** What cannot be seen of one repository says nothing about the others. */
async function seeOne(
  github: Github,
  repository: Repository,
  everybody: ReturnType<Github['everybodyIn']>,
  signal: AbortSignal,
): Promise<Seen> {
  try {
    const people = (await everybody).get(repository.id) ?? new Map();
    if (people instanceof ProviderError) throw people;
    return { people, invitations: await github.collaborators.invitations(repository, signal) };
  } catch (error) {
    return { problem: problemOf(error) };
  }
}

/** What was yet to be taken back: it can be, once the repository is seen again or known to be gone. */
function judgeLeft(item: Item, seen: Seen | undefined): Item {
  const isStuck = !seen || ('problem' in seen && seen.problem.code !== 'REPOSITORY_GONE');
  return isStuck || item.status === 'WAITING' ? item : { ...item, status: 'WAITING', error: null };
}

/** What has become of one repository of a grant; the very same item when nothing has. */
export function judge(item: Item, accountId: number, seen: Seen | undefined, now: Date): Item {
  if (!seen || item.status === 'WAITING') return item;
  if ('problem' in seen) {
    const { who, code, message } = seen.problem;
    return who === 'SYSTEM' || item.error?.code === code
      ? item
      : { ...item, status: 'FAILED', error: { code, message } };
  }
  // What was in the way is gone.
  if (item.status === 'FAILED') return { ...item, status: 'WAITING', error: null };
  const level = seen.people.get(accountId);
  const invitation = seen.invitations.find((one) => one.accountId === accountId);
  if (level !== undefined && rankOf(level) >= rankOf(item.given))
    return item.status === 'ACTIVE' ? item : { ...item, status: 'ACTIVE', invitedAt: null };
  const repaired: Item = { ...item, status: 'WAITING', given: null, repairedAt: now.toISOString() };
  if (level !== undefined || item.status === 'ACTIVE') return repaired;
  if (item.status === 'DECLINED') return item;
  const isLapsed = invitation?.expired || now.getTime() - Date.parse(item.invitedAt ?? '') >= INVITATION_MS;
  if (isLapsed) return { ...item, status: 'WAITING', given: null };
  return invitation ? item : { ...item, status: 'DECLINED', given: null };
}
