import { inspectProperties, kindOf, parseProperties } from '../../src/benefits/catalog.ts';
import { readProviders } from '../../src/config.ts';
import * as accounts from '../../src/domain/accounts/accounts.ts';
import * as integrations from '../../src/domain/integrations/integrations.ts';
import type { Permission } from '../../src/sandbox/github/state.ts';
import { openSandbox } from '../../src/sandbox/sandbox.ts';
import { openContract } from './contract.ts';
import { openHouse } from './house.ts';
import { merchantOf } from './merchant.ts';

const TYPES = ['github_repository'];

export type GithubStage = Awaited<ReturnType<typeof openGithubStage>>;

/** A house with an emulated GitHub beside it: an organization `acme` with the App and three repositories. */
export async function openGithubStage() {
  await using stack = new AsyncDisposableStack();
  const contract = openContract();
  const sandbox = stack.use(await openSandbox({ onExchange: contract.hear }));
  const { github: hub } = sandbox;
  const acme = hub.addOrganization('acme');
  for (const name of ['one', 'two', 'three']) hub.addRepository(`acme/${name}`);
  hub.install('acme');
  const house = stack.use(await openHouse({ providers: readProviders(hub.environment) }));
  const merchant = merchantOf(house);
  const { organizationId, transaction, kinds, means } = house;
  await transaction((tx) =>
    integrations.connect(tx, {
      organizationId,
      provider: 'GITHUB',
      places: [{ placeId: String(acme.id), name: 'acme' }],
    }),
  );
  let people = 0;
  const kind = kindOf(kinds, 'github_repository');
  const inspected = async (repositories: Record<string, Permission>) => {
    const given = {
      repositories: Object.entries(repositories).map(([name, permission]) => ({
        owner: 'acme',
        name,
        permission: permission.toUpperCase(),
      })),
    };
    const properties = await inspectProperties(kind, given, means);
    return transaction((tx) => parseProperties(tx, kind, { organizationId, properties }, means));
  };
  const closing = stack.move();

  const stage = {
    hub,
    house,
    merchant,
    /** A benefit on repositories of `acme`. */
    benefit: async (repositories: Record<string, Permission>) =>
      (await house.benefit('github_repository', await inspected(repositories))).id,
    /** Somebody at GitHub. */
    person: () => hub.addUser(`person-${++people}`),
    link: (customerId: string, { id, login }: { id: number; login: string }) =>
      transaction((tx) =>
        accounts.link(tx, { organizationId, customerId, types: TYPES }, 'GITHUB', {
          accountId: String(id),
          username: login,
          scopes: [],
          tokens: null,
        }),
      ),
    unlink: (customerId: string, id: string) =>
      transaction((tx) => accounts.unlink(tx, { organizationId, customerId, types: TYPES }, id)),
    /** Settles as often as time would, and moves the clock to whatever is due next. */
    async settleAll(customerId: string) {
      for (let round = 0; round < 6; round++) {
        await house.settle(customerId);
        const { settleAt } = await house.prisma.customer.findUniqueOrThrow({ where: { id: customerId } });
        if (!settleAt || settleAt.getTime() - house.time.now.getTime() > 3_600_000) return;
        house.passTime(Math.max(0, settleAt.getTime() - house.time.now.getTime()));
      }
    },
    /** Who is in a repository, or invited to it. */
    access: (name: string) => ({ ...hub.collaborators(`acme/${name}`), ...hub.invitations(`acme/${name}`) }),
    grant: async (customerId: string) => {
      const [grant] = await house.grants(customerId);
      if (!grant) throw new Error('They have no grant.');
      return grant;
    },
    async [Symbol.asyncDispose]() {
      await closing.disposeAsync();
      contract.expectKept();
    },
  };
  return stage;
}
