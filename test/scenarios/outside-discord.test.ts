import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/lib/time.ts';
import { openTown, type Town } from '../support/town.ts';
import { expectEven } from '../support/town-ledger.ts';

vi.setConfig({ testTimeout: 60_000 });

let town: Town;
beforeAll(async () => {
  town = await openTown();
});
afterEach(async () => {
  town.calm();
  await expectEven(town);
});
afterAll(() => town?.[Symbol.asyncDispose]());

/** Somebody who bought these roles and has yet to link. */
async function buyer(benefit: string) {
  const customerId = await town.customer();
  const subscription = await town.subscribe(customerId, benefit);
  await town.quiet();
  return { customerId, subscription, person: town.person() };
}

test('whoever links before they buy joins with their roles, and loses these and not the server when it ends', async () => {
  const { customerId, person, subscription } = await town.subscriber(
    'DISCORD',
    await town.benefit(['Premium', 'Supporter']),
  );
  expect(await town.grant(customerId)).toMatchObject({
    state: 'ACTIVE',
    delivery: { roles: [{ status: 'ACTIVE' }, { status: 'ACTIVE' }] },
  });
  expect(town.rolesOf(person)).toEqual(['Premium', 'Supporter']);
  await expectEven(town);
  await town.cancel(subscription);
  await town.settled();
  expect(town.rolesOf(person)).toEqual([]);
});

test('whoever buys first is asked to link, and joins when they have', async () => {
  const { customerId, person } = await buyer(await town.benefit(['Premium']));
  expect(await town.grant(customerId)).toMatchObject({ attention: { code: 'CONNECT_DISCORD', actor: 'CUSTOMER' } });
  await expectEven(town);
  await town.link(customerId, 'DISCORD', person);
  await town.settled();
  expect(town.rolesOf(person)).toEqual(['Premium']);
});

test('a subscription that ends while it waits for the link gives nothing, also when they link afterwards', async () => {
  const { customerId, person, subscription } = await buyer(await town.benefit(['Premium']));
  await town.cancel(subscription);
  await town.link(customerId, 'DISCORD', person);
  await town.settled();
  expect(town.rolesOf(person)).toBeNull();
});

test('whom we took in is put out where that is asked, and whoever was there before is not', async () => {
  const benefit = await town.benefit(['Premium'], { kickOnRevoke: true });
  const ours = await town.subscriber('DISCORD', benefit);
  const before = await buyer(benefit);
  town.joinByHand(before.person, 'Premium');
  await town.link(before.customerId, 'DISCORD', before.person);
  await town.settled();
  for (const { subscription } of [ours, before]) await town.cancel(subscription);
  await town.settled();
  expect(town.rolesOf(ours.person)).toBeNull();
  expect(town.rolesOf(before.person)).toEqual(['Premium']);
});

test('a role that two benefits hold goes with the last of them, and the place in the server too', async () => {
  const [one, other] = [
    await town.benefit(['Premium'], { kickOnRevoke: true }),
    await town.benefit(['Premium', 'Extra'], { kickOnRevoke: true }),
  ];
  const { customerId, person, subscription } = await town.subscriber('DISCORD', one);
  const second = await town.subscribe(customerId, other);
  await town.quiet();
  await town.cancel(subscription);
  await town.settled();
  expect(town.rolesOf(person)).toEqual(['Extra', 'Premium']);
  await expectEven(town);
  await town.cancel(second);
  await town.settled();
  expect(town.rolesOf(person)).toBeNull();
});

test('two customers with one account whose purchases end at the same moment lose it once', async () => {
  const benefit = await town.benefit(['Premium'], { kickOnRevoke: true });
  const first = await town.subscriber('DISCORD', benefit);
  const second = await buyer(benefit);
  await town.link(second.customerId, 'DISCORD', first.person);
  await town.settled();
  town.realm.forgetCalls();
  await Promise.all([first.subscription, second.subscription].map(town.cancel));
  await town.settled();
  expect(town.rolesOf(first.person)).toBeNull();
  expect(town.realm.counts().byRoute).toMatchObject({
    'DELETE /guilds/{guild_id}/members/{user_id}': 1,
    'DELETE /guilds/{guild_id}/members/{user_id}/roles/{role_id}': 1,
  });
});

test('a benefit with other roles changes everybody’s', async () => {
  const benefit = await town.benefit(['Premium']);
  const { person } = await town.subscriber('DISCORD', benefit);
  await town.edit(benefit, ['Extra', 'Supporter']);
  await town.settled();
  expect(town.rolesOf(person)).toEqual(['Extra', 'Supporter']);
});

test('another account takes the place of the first, and nobody has it when that one is unlinked', async () => {
  const { customerId, person } = await town.subscriber('DISCORD', await town.benefit(['Premium']));
  const other = town.person();
  await town.link(customerId, 'DISCORD', other);
  await town.settled();
  expect([town.rolesOf(person), town.rolesOf(other)]).toEqual([[], ['Premium']]);
  await expectEven(town);
  await town.unlink(customerId, 'DISCORD');
  await town.settled();
  await town.unlink(customerId, 'DISCORD');
  await town.settled();
  expect([town.rolesOf(person), town.rolesOf(other)]).toEqual([[], []]);
  expect(await town.grant(customerId)).toMatchObject({ attention: { code: 'CONNECT_DISCORD' } });
});

test('a role taken away by hand is given back, and so is the place of whoever left', async () => {
  const { customerId, person } = await town.subscriber('DISCORD', await town.benefit(['Premium']));
  town.realm.takeRole(town.guild.id, person.login, town.roleId('Premium'));
  await town.look();
  expect(town.rolesOf(person)).toEqual(['Premium']);
  expect(await town.grant(customerId)).toMatchObject({ delivery: { roles: [{ repairedAt: expect.any(String) }] } });
  town.realm.leave(town.guild.id, person.login);
  await town.look();
  expect(town.rolesOf(person)).toEqual(['Premium']);
});

test('a role that is gone, or that stands above the bot, is the merchant’s matter and holds up no other', async () => {
  const [passing, rising] = ['Passing', 'Rising'].map((name) =>
    town.realm.addRole(town.guild.id, name, { position: 1 }),
  );
  const benefit = await town.benefit([passing?.id ?? '', rising?.id ?? '', 'Extra']);
  town.realm.removeRole(town.guild.id, passing?.id ?? '');
  town.realm.moveRole(town.guild.id, rising?.id ?? '', 99);
  const { customerId, person, subscription } = await town.subscriber('DISCORD', benefit);
  expect(town.rolesOf(person)).toEqual(['Extra']);
  expect(await town.grant(customerId)).toMatchObject({
    attention: { actor: 'MERCHANT' },
    delivery: { roles: [{ error: { code: 'ROLE_NOT_FOUND' } }, { error: { code: 'MISSING_PERMISSION' } }, {}] },
  });
  await expectEven(town);
  // Discord shuts out whoever is refused too often: nothing is tried while our bot may not give it.
  town.realm.forgetCalls();
  for (let looks = 0; looks < 3; looks++) await town.look();
  expect(town.realm.calls.filter(({ status }) => status !== null && status >= 400)).toEqual([]);
  town.realm.moveRole(town.guild.id, rising?.id ?? '', 1);
  await town.look();
  expect(town.rolesOf(person)).toEqual(['Extra', 'Rising']);
  await expectEven(town);
  await town.cancel(subscription);
  await town.settled();
});

test('whoever is banned waits for the merchant, and is in when the ban is lifted', async () => {
  const { customerId, person } = await buyer(await town.benefit(['Premium']));
  town.realm.ban(town.guild.id, person.login);
  await town.link(customerId, 'DISCORD', person);
  await town.settled();
  expect(await town.grant(customerId)).toMatchObject({ attention: { code: 'BANNED', actor: 'MERCHANT' } });
  await expectEven(town);
  town.realm.unban(town.guild.id, person.login);
  await town.retry((await town.grant(customerId)).id);
  await town.settled();
  expect(town.rolesOf(person)).toEqual(['Premium']);
});

test('a bot that was kicked is the merchant’s matter; what it could not take away it takes when it is back', async () => {
  const benefit = await town.benefit(['Supporter']);
  const { customerId, person, subscription } = await town.subscriber('DISCORD', benefit);
  const stays = await town.subscriber('DISCORD', benefit);
  town.realm.kickBot(town.guild.id);
  await town.cancel(subscription);
  await town.quiet();
  expect(await town.grant(customerId)).toMatchObject({
    state: 'ACTIVE',
    revoking: true,
    attention: { code: 'BOT_NOT_IN_SERVER', actor: 'MERCHANT' },
  });
  await town.look();
  expect(await town.grant(stays.customerId)).toMatchObject({ attention: { code: 'BOT_NOT_IN_SERVER' } });
  await expectEven(town);
  town.realm.inviteBot(town.guild.id);
  town.passTime(HOUR_MS);
  await town.look();
  expect([town.rolesOf(person), town.rolesOf(stays.person)]).toEqual([[], ['Supporter']]);
});

test('a token that ended is renewed before anybody is taken in', async () => {
  const { customerId, person } = await buyer(await town.benefit(['Premium']));
  const other = await town.customer();
  await town.link(other, 'DISCORD', person);
  town.passTime(8 * DAY_MS);
  await town.subscribe(other, await town.benefit(['Extra']));
  await town.settled();
  expect(town.rolesOf(person)).toEqual(['Extra']);
  expect(await town.grant(other)).toMatchObject({ state: 'ACTIVE' });
  expect(await town.grant(customerId)).toMatchObject({ state: 'CREATED' });
});

test('whoever took back what they allowed is asked to link anew, and is in when they have', async () => {
  const [customerId, person] = [await town.customer(), town.person()];
  await town.link(customerId, 'DISCORD', person);
  town.realm.revokeAuthorization(person.login);
  await town.subscribe(customerId, await town.benefit(['Premium']));
  await town.settled();
  expect(await town.grant(customerId)).toMatchObject({ attention: { code: 'RECONNECT_DISCORD', actor: 'CUSTOMER' } });
  await expectEven(town);
  await town.link(customerId, 'DISCORD', person);
  await town.settled();
  expect(town.rolesOf(person)).toEqual(['Premium']);
});

test('whoever joins is welcomed once, also when they come back', async () => {
  const [channel] = town.guild.channels.values();
  const welcome = { channelId: channel?.id, text: 'Hello {{user}}!' };
  const { customerId, person, subscription } = await town.subscriber(
    'DISCORD',
    await town.benefit(['Premium'], { welcome }),
  );
  const said = () => channel?.messages.map(({ content }) => content);
  expect(said()).toEqual([`Hello <@${person.memberId}>!`]);
  await town.call('updateSubscriptionStatus', { id: subscription, status: 'PAUSED' }, 'subscription { id }');
  await town.settled();
  await town.call('updateSubscriptionStatus', { id: subscription, status: 'ACTIVE' }, 'subscription { id }');
  await town.settled();
  expect(await town.grant(customerId)).toMatchObject({ state: 'ACTIVE' });
  expect(said()).toHaveLength(1);
});

test('a welcome that cannot be said holds nothing up, and the merchant is told', async () => {
  const [channel] = town.guild.channels.values();
  const benefit = await town.benefit(['Premium'], { welcome: { channelId: channel?.id, text: 'Hello!' } });
  town.realm.fail(
    { status: 403, body: { code: 50013, message: 'Missing Permissions' } },
    { route: 'POST /channels/{channel_id}/messages' },
  );
  const { customerId } = await town.subscriber('DISCORD', benefit);
  expect(await town.grant(customerId)).toMatchObject({ state: 'ACTIVE', attention: null });
  const { integrations } = await town.ask('{ integrations { name lastError { message } } }');
  expect(integrations).toContainEqual({
    name: 'Club',
    lastError: { message: expect.stringMatching(/^The welcome was not said\..*Missing Permissions/) },
  });
});

test.each([
  ['a role of another server', () => '123456'],
  ['a role that Discord gives itself', () => town.realm.botRole(town.guild.id)?.id ?? ''],
  ['a role above the bot’s', () => town.realm.addRole(town.guild.id, 'High', { position: 99 }).id],
])('%s is refused by name', async (_, role) => {
  const properties = town.properties([role()]);
  expect(await town.call('createBenefit', { description: 'Club', properties }, 'benefit { id }')).toMatchObject({
    __typename: 'InvalidInputError',
    path: ['properties', 'discord', 'roles', '0', 'roleId'],
  });
});

test('a server without the bot is refused by name', async () => {
  const { id } = town.realm.addGuild('Elsewhere', { bot: false });
  const properties = { discord: { guildId: id, roles: [{ roleId: id }] } };
  expect(await town.call('createBenefit', { description: 'Club', properties }, 'benefit { id }')).toMatchObject({
    __typename: 'InvalidInputError',
    path: ['properties', 'discord', 'guildId'],
  });
});
