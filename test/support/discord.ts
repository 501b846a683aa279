import { inspectProperties, kindOf, parseProperties } from '../../src/benefits/catalog.ts';
import { lookAfter } from '../../src/benefits/looking-after.ts';
import { readProviders } from '../../src/config.ts';
import * as accounts from '../../src/domain/accounts/accounts.ts';
import * as integrations from '../../src/domain/integrations/integrations.ts';
import { openSandbox } from '../../src/sandbox/sandbox.ts';
import { openHouse } from './house.ts';
import { merchantOf } from './merchant.ts';

const WAY = { verifier: 'a-verifier-that-only-this-browser-has-0123456789', redirectUrl: 'http://boon.test/back' };

export type DiscordStage = Awaited<ReturnType<typeof openDiscordStage>>;

/** A house with an emulated Discord beside it: a server with our bot, and three roles below the bot's. */
export async function openDiscordStage() {
  await using stack = new AsyncDisposableStack();
  const sandbox = stack.use(await openSandbox({ limits: 'off' }));
  const { discord: realm } = sandbox;
  const guild = realm.addGuild('Club', { roles: ['Premium', 'Supporter', 'Extra'] });
  const roles = new Map([...guild.roles.values()].map(({ id, name }) => [name, id]));
  const house = stack.use(await openHouse({ providers: readProviders(realm.environment) }));
  const merchant = merchantOf(house);
  const { organizationId, transaction, kinds, means } = house;
  const places = [{ placeId: guild.id, name: guild.name }];
  await transaction((tx) => integrations.connect(tx, { organizationId, provider: 'DISCORD', places }));
  const kind = kindOf(kinds, 'discord');
  const closing = stack.move();
  let people = 0;

  const stage = {
    realm,
    guild,
    house,
    merchant,
    inspected: async (names: readonly string[], more: object = {}) => {
      const given = { guildId: guild.id, roles: names.map((name) => ({ roleId: roles.get(name) ?? name })), ...more };
      const properties = await inspectProperties(kind, given, means);
      return transaction((tx) => parseProperties(tx, kind, { organizationId, properties }, means));
    },
    /** A benefit with these roles. */
    benefit: async (names: readonly string[], more: object = {}) =>
      (await house.benefit('discord', await stage.inspected(names, more))).id,
    person: () => realm.addUser(`person-${++people}`),
    /** Links an account as its holder does: at Discord, by allowing it. */
    async link(customerId: string, { id }: { id: string }) {
      const discord = means.discord;
      if (!discord) throw new Error('Discord is not configured.');
      const back = await sandbox.consent(discord.people.authorizationUrl({ ...WAY, state: 'state' }), { as: id });
      const identity = await discord.people.identify(back.searchParams.get('code') ?? '', WAY);
      return transaction((tx) =>
        accounts.link(tx, { organizationId, customerId, types: ['discord'] }, 'DISCORD', identity),
      );
    },
    unlink: (customerId: string, id: string) =>
      transaction((tx) => accounts.unlink(tx, { organizationId, customerId, types: ['discord'] }, id)),
    async subscriber(...benefitIds: string[]) {
      const person = stage.person();
      const { customer, subscription } = await merchant.subscriber(benefitIds);
      const account = await stage.link(customer.id, person);
      await house.settle(customer.id);
      return { customerId: customer.id, subscription, person, account };
    },
    async look(benefitId: string, ...customerIds: string[]) {
      await lookAfter(house, benefitId);
      for (const id of customerIds) await house.settle(id);
    },
    rolesOf: ({ username }: { username: string }) => realm.rolesOf(guild.id, username)?.sort() ?? null,
    roleId: (name: string) => roles.get(name) ?? '',
    grant: async (customerId: string) => {
      const [grant] = await house.grants(customerId);
      if (!grant) throw new Error('They have no grant.');
      return grant;
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
  return stage;
}
