import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DiscordStage, openDiscordStage } from '../support/discord.ts';

let stage: DiscordStage;
beforeAll(async () => {
  stage = await openDiscordStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

test('a customer joins with their roles, and loses the roles and not the server when it ends', async () => {
  const benefit = await stage.benefit(['Premium', 'Supporter']);
  const { customerId, subscription, person } = await stage.subscriber(benefit);
  expect(await stage.grant(customerId)).toMatchObject({ state: 'ACTIVE', attentionCode: null });
  expect(stage.rolesOf(person)).toEqual(['Premium', 'Supporter']);
  await stage.merchant.cancel(subscription.id);
  await stage.house.settle(customerId);
  expect(await stage.grant(customerId)).toMatchObject({ state: 'REVOKED', attentionCode: null });
  expect(stage.rolesOf(person)).toEqual([]);
});

test('whom we took in is put out where that is asked, and whoever was there before is not', async () => {
  const benefit = await stage.benefit(['Premium'], { kickOnRevoke: true });
  const ours = await stage.subscriber(benefit);
  const before = stage.person();
  stage.realm.join(stage.guild.id, before.username);
  stage.realm.giveRole(stage.guild.id, before.username, stage.roleId('Premium'));
  const { customer, subscription } = await stage.merchant.subscriber([benefit]);
  await stage.link(customer.id, before);
  await stage.house.settle(customer.id);
  for (const id of [ours.subscription.id, subscription.id]) await stage.merchant.cancel(id);
  for (const id of [ours.customerId, customer.id]) await stage.house.settle(id);
  expect(stage.rolesOf(ours.person)).toBeNull();
  expect(stage.rolesOf(before)).toEqual(['Premium']);
});

test('a role that two benefits hold goes with the last of them', async () => {
  const [one, other] = [await stage.benefit(['Premium']), await stage.benefit(['Premium', 'Extra'])];
  const { customerId, subscription, person } = await stage.subscriber(one);
  const product = await stage.house.product([other]);
  const second = await stage.merchant.subscribe(customerId, product.id);
  await stage.house.settle(customerId);
  await stage.merchant.cancel(subscription.id);
  await stage.house.settle(customerId);
  expect(stage.rolesOf(person)).toEqual(['Extra', 'Premium']);
  await stage.merchant.cancel(second.id);
  await stage.house.settle(customerId);
  expect(stage.rolesOf(person)).toEqual([]);
});

test('a role that is gone holds up none of the others', async () => {
  const role = stage.realm.addRole(stage.guild.id, 'Passing', { position: 1 });
  const benefit = await stage.benefit([role.id, 'Extra']);
  stage.realm.removeRole(stage.guild.id, role.id);
  const { customerId, person } = await stage.subscriber(benefit);
  expect(stage.rolesOf(person)).toEqual(['Extra']);
  expect(await stage.grant(customerId)).toMatchObject({ attentionCode: 'ROLE_NOT_FOUND', attentionActor: 'MERCHANT' });
});

test('whoever is banned waits for the merchant', async () => {
  const benefit = await stage.benefit(['Premium']);
  const { customer } = await stage.merchant.subscriber([benefit]);
  const person = stage.person();
  stage.realm.ban(stage.guild.id, person.username);
  await stage.link(customer.id, person);
  await stage.house.settle(customer.id);
  expect(await stage.grant(customer.id)).toMatchObject({ attentionCode: 'BANNED', attentionActor: 'MERCHANT' });
  expect(stage.rolesOf(person)).toBeNull();
});

test('whoever took back what they allowed is asked to link anew', async () => {
  const benefit = await stage.benefit(['Premium']);
  const { customer } = await stage.merchant.subscriber([benefit]);
  const person = stage.person();
  await stage.link(customer.id, person);
  stage.realm.revokeAuthorization(person.username);
  await stage.house.settle(customer.id);
  expect(await stage.grant(customer.id)).toMatchObject({
    attentionCode: 'RECONNECT_DISCORD',
    attentionActor: 'CUSTOMER',
  });
  await stage.link(customer.id, person);
  await stage.house.settle(customer.id);
  expect(stage.rolesOf(person)).toEqual(['Premium']);
});

test('a role taken away by hand is given back, and so is the place of whoever left', async () => {
  const benefit = await stage.benefit(['Premium']);
  const { customerId, person } = await stage.subscriber(benefit);
  stage.realm.takeRole(stage.guild.id, person.username, stage.roleId('Premium'));
  await stage.look(benefit, customerId);
  expect(stage.rolesOf(person)).toEqual(['Premium']);
  stage.realm.leave(stage.guild.id, person.username);
  await stage.look(benefit, customerId);
  expect(stage.rolesOf(person)).toEqual(['Premium']);
  expect(await stage.grant(customerId)).toMatchObject({ state: 'ACTIVE', attentionCode: null });
});

test.each([
  ['a role of another server', () => ({ roles: ['123'] })],
  ['a role that Discord gives itself', () => ({ roles: [stage.realm.botRole(stage.guild.id)?.id ?? ''] })],
  ['a role above the bot’s', () => ({ roles: [stage.realm.addRole(stage.guild.id, 'High', { position: 99 }).id] })],
])('%s is refused by name', async (_, make) => {
  await expect(stage.inspected(make().roles)).rejects.toMatchObject({ path: ['roles', '0', 'roleId'] });
});
