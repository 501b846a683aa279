import { z } from 'zod';
import { AccessError, AccessStatus, RepairedAt } from '../access.ts';
import { give, NOT_CONFIGURED } from '../github/giving.ts';
import { GitHubPermission, HeldRepositories, keyOf, rankOf, untouched } from '../github/held.ts';
import { inspectRepositories } from '../github/inspecting.ts';
import { look } from '../github/looking.ts';
import { takeBack } from '../github/taking.ts';
import { defineKind } from '../kind.ts';
import { done } from '../outcome.ts';
import { worst } from '../provider-problem.ts';

const MOST_REPOSITORIES = 50;
/** Names as GitHub allows them: no slash, nothing but ASCII. */
const OWNER = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?$/;
const NAME = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/;

const GitHubRepository = z
  .object({
    owner: z
      .string()
      .regex(OWNER, 'It is no name of an account on GitHub.')
      .meta({ description: 'The organization it belongs to.' }),
    name: z
      .string()
      .regex(NAME, 'It is no name of a repository: the owner stands beside it, without a slash.')
      .meta({ description: 'Its name, without the owner.' }),
    permission: GitHubPermission.default('PULL').meta({ description: 'How much customers may do in it.' }),
    repositoryId: z
      .string()
      .nullish()
      .meta({ description: 'GitHub’s own number of it. Boon looks it up; what is given is not read.' }),
    ownerId: z
      .string()
      .nullish()
      .meta({ description: 'GitHub’s own number of the owner. Boon looks it up; what is given is not read.' }),
  })
  .meta({ id: 'GitHubRepository', description: 'A repository and what may be done in it.' });

/** Lets the customer’s GitHub account into repositories, through a GitHub App the merchant installed. */
export default defineKind({
  type: 'github_repository',
  name: 'GitHubRepository',
  description: 'Access to repositories on GitHub for the account the customer linked.',
  account: 'GITHUB',
  properties: z.object({
    repositories: z
      .array(GitHubRepository)
      .min(1, 'Name at least one repository.')
      .max(MOST_REPOSITORIES, `It may name at most ${MOST_REPOSITORIES} repositories.`)
      .meta({ description: 'The repositories, 1 to 50, each with what may be done in it.' }),
  }),
  example: {
    description: 'Access to the private repository',
    properties: { repositories: [{ owner: 'acme', name: 'private-repo', permission: 'PULL' }] },
    held: {
      account: { id: '583231', login: 'octocat' },
      items: [
        {
          ...untouched({ repositoryId: '1296269', owner: 'acme', name: 'private-repo', permission: 'PULL' }),
          status: 'ACTIVE',
        },
      ],
    },
  },
  held: HeldRepositories,
  delivers: z.object({
    account: z
      .object({
        id: z.string().meta({ description: 'GitHub’s own number of it, which no renaming changes.' }),
        login: z.string().meta({ description: 'What it was called when it was last asked.' }),
      })
      .meta({ id: 'GitHubAccount', description: 'An account on GitHub.' }),
    items: z
      .array(
        z
          .object({
            owner: z.string().meta({ description: 'The owner of the repository.' }),
            name: z.string().meta({ description: 'The name of the repository.' }),
            permission: GitHubPermission.readonly().meta({ description: 'What may be done in it.' }),
            status: AccessStatus,
            error: AccessError,
            repairedAt: RepairedAt,
          })
          .meta({ id: 'GitHubAccess', description: 'Access to one repository.' }),
      )
      .meta({ description: 'Each repository with how far it has come; one that fails does not undo the others.' }),
  }),
  inspect: (properties, means) => inspectRepositories(properties, means),
  places: ({ repositories }) =>
    repositories.map(({ owner, ownerId }, index) => ({
      provider: 'GITHUB',
      placeId: ownerId ?? '',
      name: owner,
      path: ['repositories', String(index), 'owner'],
    })),
  keep: {
    where: 'outside',
    claims: ({ properties, account }) =>
      account
        ? properties.repositories.map(({ repositoryId, permission }) => ({
            key: keyOf(repositoryId ?? '', account.accountId),
            level: rankOf(permission),
          }))
        : [],
    deliver: (order, hands) => give(order as never, hands),
    async withdraw({ held }, hands) {
      const { github } = hands.means;
      if (!github) return NOT_CONFIGURED;
      const taken = await takeBack(github, held, held.items, hands);
      return worst(taken.problems, taken.held) ?? done(taken.held);
    },
    look: (orders, sight) => look(orders as never, sight),
  },
  deliveries: {
    from: 'held',
    tell: ({ account, items }) => ({
      account,
      items: items.map(({ owner, name, permission, status, error, repairedAt }) => ({
        owner,
        name,
        permission,
        status,
        error,
        repairedAt: repairedAt ? new Date(repairedAt) : null,
      })),
    }),
  },
  instructions: ({ account, properties, held }) => {
    const names = properties.repositories.map(({ owner, name }) => `**${owner}/${name}**`).join(', ');
    if (!account) return `Connect your GitHub account to be let into ${names}.`;
    const invited = held?.items.some(({ status }) => status === 'INVITED');
    return invited
      ? `Accept the invitation to ${names} that GitHub has sent to your account ${account.username}.`
      : `Your GitHub account ${account.username} has access to ${names}.`;
  },
  wire: {
    properties: ({ repositories }) => {
      const [first] = repositories;
      return {
        repository_owner: first?.owner ?? '',
        repository_name: first?.name ?? '',
        permission: (first?.permission ?? 'PULL').toLowerCase(),
        repositories: repositories.map(({ owner, name, permission }) => ({
          owner,
          name,
          permission: permission.toLowerCase(),
        })),
      };
    },
    grant: (held) => {
      if (!held) return {};
      const [first] = held.items;
      return {
        account_id: held.account.id,
        ...(first && {
          repository_owner: first.owner,
          repository_name: first.name,
          permission: first.permission.toLowerCase(),
          granted_account_id: held.account.id,
        }),
        repositories: held.items.map(({ owner, name, permission, status }) => ({
          owner,
          name,
          permission: permission.toLowerCase(),
          status: status.toLowerCase(),
        })),
      };
    },
  },
});
