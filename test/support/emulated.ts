import { inspectProperties, parseProperties } from '../../src/benefits/catalog.ts';
import type { Kind } from '../../src/benefits/kind.ts';
import { readProviders } from '../../src/config.ts';
import * as accounts from '../../src/domain/accounts/accounts.ts';
import * as integrations from '../../src/domain/integrations/integrations.ts';
import { openSandbox } from '../../src/sandbox/sandbox.ts';
import { openContract } from './contract.ts';
import { openHouse } from './house.ts';

export type EmulatedHouse = Awaited<ReturnType<typeof openEmulatedHouse>>;

/** A house with an emulated GitHub and Discord beside it, in which the example of every kind can be delivered. */
export async function openEmulatedHouse(options: { startAt?: Date; kinds?: readonly Kind[] } = {}) {
  await using stack = new AsyncDisposableStack();
  const contract = openContract();
  const sandbox = stack.use(await openSandbox({ limits: 'off', onExchange: contract.hear }));
  const { github: hub, discord: realm } = sandbox;
  hub.addOrganization('acme');
  hub.addRepository('acme/private-repo');
  hub.install('acme');
  const guild = realm.addGuild('Club', { roles: ['Premium'] });
  const premium = [...guild.roles.values()].find(({ name }) => name === 'Premium');
  const environment = { ...hub.environment, ...realm.environment };
  const house = stack.use(await openHouse({ ...options, providers: readProviders(environment) }));
  const { organizationId, transaction, means } = house;
  const closing = stack.move();
  let people = 0;

  /** What its example would be here: where it names what a third party numbers, by the number it has. */
  const given = async ({ example, account }: Kind): Promise<unknown> => {
    if (account === 'DISCORD') return { guildId: guild.id, roles: [{ roleId: premium?.id }] };
    const { furnish } = example;
    return furnish ? transaction((tx) => furnish(tx, organizationId)) : example.properties;
  };

  return {
    house,
    realm,
    environment,
    /** Properties that work, of a kind's example, at places that are the merchant's. */
    async propertiesOf(kind: Kind) {
      const properties = await inspectProperties(kind, await given(kind), means);
      return transaction(async (tx) => {
        for (const { provider, placeId, name } of kind.places?.(properties) ?? [])
          await integrations.connect(tx, { organizationId, provider, places: [{ placeId, name }] });
        return parseProperties(tx, kind, { organizationId, properties }, means);
      });
    },
    /** Links an account of somebody new, where the kind needs one. */
    async link({ account, type }: Kind, customerId: string): Promise<void> {
      if (!account) return;
      const username = `somebody-${++people}`;
      const { id } = account === 'GITHUB' ? hub.addUser(username) : realm.addUser(username);
      const identity = { accountId: String(id), username, scopes: [], tokens: null };
      // Members already: without their token nobody can be brought in.
      if (account === 'DISCORD') realm.join(guild.id, username);
      await transaction((tx) => accounts.link(tx, { organizationId, customerId, types: [type] }, account, identity));
    },
    async [Symbol.asyncDispose]() {
      await closing.disposeAsync();
      contract.expectKept();
    },
  };
}
