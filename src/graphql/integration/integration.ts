import type { Integration } from '../../../prisma/generated/client/client.ts';
import { isAssignable } from '../../providers/discord/server.ts';
import { type Problem, ProviderError } from '../../providers/problem.ts';
import type { Builder } from '../builder.ts';
import { type Context, organizationOf } from '../context.ts';

interface Health {
  isWell: boolean;
  problem: Pick<Problem, 'code' | 'message'> | null;
  budget: { limit: number; remaining: number; resetsAt: Date } | null;
}

interface PlaceRole {
  id: string;
  name: string;
  isAssignable: boolean;
}

/** Places a merchant has shown to be theirs, how they are, and what there is to give away. */
export function defineIntegration(builder: Builder): void {
  const budget = builder.objectRef<NonNullable<Health['budget']>>('ProviderBudget').implement({
    description: 'What a third party still lets us ask.',
    fields: (t) => ({
      limit: t.exposeInt('limit', { description: 'Calls in one window.' }),
      remaining: t.exposeInt('remaining', { description: 'Calls left in this one, as far as this process was told.' }),
      resetsAt: t.expose('resetsAt', { type: 'DateTime', description: 'When the next window begins.' }),
    }),
  });
  const problem = builder.objectRef<Pick<Problem, 'code' | 'message'>>('IntegrationProblem').implement({
    description: 'What is wrong at a third party.',
    fields: (t) => ({
      code: t.exposeString('code', { description: 'Names what is wrong, for programs; see docs/attention.md.' }),
      message: t.exposeString('message', { description: 'Says what to do, for people.' }),
    }),
  });
  const health = builder.objectRef<Health>('IntegrationHealth').implement({
    description: 'How a place is just now, asked of the third party itself.',
    fields: (t) => ({
      isWell: t.exposeBoolean('isWell', {
        description: 'Whether our App or bot is there, with every permission it needs.',
      }),
      problem: t.field({
        type: problem,
        nullable: true,
        description: 'What is wrong.',
        resolve: ({ problem }) => problem,
      }),
      budget: t.field({
        type: budget,
        nullable: true,
        description: 'What may still be asked; null where nothing was asked yet, or no budget is told.',
        resolve: ({ budget }) => budget,
      }),
    }),
  });
  const repository = builder
    .objectRef<{ owner: { login: string }; name: string; private: boolean }>('IntegrationRepository')
    .implement({
      description: 'A repository our App may give access to.',
      fields: (t) => ({
        owner: t.string({ description: 'Its owner.', resolve: ({ owner }) => owner.login }),
        name: t.exposeString('name', { description: 'Its name.' }),
        isPrivate: t.boolean({
          description: 'Whether only those who are let in see it.',
          resolve: (row) => row.private,
        }),
      }),
    });
  const role = builder.objectRef<PlaceRole>('IntegrationRole').implement({
    description: 'A role of a server.',
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id.' }),
      name: t.exposeString('name', { description: 'What it is called.' }),
      isAssignable: t.exposeBoolean('isAssignable', { description: 'Whether our bot may give it.' }),
    }),
  });

  builder.objectType('Integration', {
    description: 'A place at a third party that the merchant has shown to be theirs.',
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id here.' }),
      provider: t.field({ type: 'AccountProvider', description: 'Where it is.', resolve: (row) => row.provider }),
      placeId: t.exposeString('placeId', {
        description: 'The provider’s own number of it: of an account on GitHub, of a server on Discord.',
      }),
      name: t.exposeString('name', { description: 'What it was called when it was connected.' }),
      lastError: t.field({
        type: problem,
        nullable: true,
        description: 'The last thing that went wrong there.',
        resolve: ({ errorCode, errorMessage }) =>
          errorCode === null ? null : { code: errorCode, message: errorMessage ?? '' },
      }),
      lastErrorAt: t.expose('errorAt', { type: 'DateTime', nullable: true, description: 'When that was.' }),
      health: t.field({
        type: health,
        description: 'How it is just now.',
        resolve: (row, _args, context) => examine(context, row),
      }),
      repositories: t.field({
        type: [repository],
        description: 'On GitHub: the repositories our App was given. Empty where it is not installed.',
        resolve: async (row, _args, { means: { github } }) => {
          if (row.provider !== 'GITHUB' || !github) return [];
          return orNothing(async () => {
            const installation = await github.repositories.installationAt(row.name);
            return installation ? github.repositories.list(installation.id) : [];
          });
        },
      }),
      roles: t.field({
        type: [role],
        description: 'On Discord: the roles of the server, and whether our bot may give them.',
        resolve: async (row, _args, { means: { discord } }) => {
          if (row.provider !== 'DISCORD' || !discord) return [];
          return orNothing(async () => {
            const server = await discord.servers.find(row.placeId);
            return server.roles.map((one) => ({
              id: one.id,
              name: one.name,
              isAssignable: isAssignable(server, one),
            }));
          });
        },
      }),
      connectedAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was connected.' }),
    }),
  });

  builder.queryField('integrations', (t) =>
    t.field({
      type: ['Integration'],
      nullable: true,
      description: 'The places at third parties that the merchant has shown to be theirs.',
      authScopes: { scope: 'organization:read' },
      resolve: (_root, _args, context) =>
        context.database.prisma.integration.findMany({
          where: { organizationId: organizationOf(context) },
          orderBy: { id: 'asc' },
        }),
    }),
  );
}

async function examine({ means }: Context, { provider, placeId, name }: Integration): Promise<Health> {
  const broken = (code: string, message: string): Health => ({
    isWell: false,
    problem: { code, message },
    budget: null,
  });
  try {
    if (provider === 'GITHUB') {
      if (!means.github) return broken('NOT_CONFIGURED', 'GitHub is not configured here; see docs/github.md.');
      const installation = await means.github.repositories.installationAt(name);
      if (!installation) return broken('APP_NOT_INSTALLED', `Our App is not installed at ${name}.`);
      if (installation.suspended_at)
        return broken('APP_SUSPENDED', 'The installation is suspended; unsuspend it on GitHub.');
      if (installation.permissions.administration !== 'write')
        return broken('MISSING_PERMISSION', 'Our App lacks the permission “Administration: read and write”.');
      return { isWell: true, problem: null, budget: means.github.budgetOf(installation.id) };
    }
    if (!means.discord) return broken('NOT_CONFIGURED', 'Discord is not configured here; see docs/discord.md.');
    const server = await means.discord.servers.find(placeId);
    if (!server.mayManageRoles) return broken('MISSING_PERMISSION', 'Our bot lacks “Manage Roles”.');
    if (!server.mayInvite) return broken('MISSING_PERMISSION', 'Our bot lacks “Create Invite”.');
    return { isWell: true, problem: null, budget: null };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return broken(error.problem.code, error.problem.message);
  }
}

/** What cannot be listed is told by the health. */
async function orNothing<Row>(work: () => Promise<Row[]>): Promise<Row[]> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ProviderError) return [];
    throw error;
  }
}
