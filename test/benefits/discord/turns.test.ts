import { afterAll, beforeAll, expect, test } from 'vitest';
import { settle } from '../../../src/benefits/fulfillment.ts';
import discordRoles from '../../../src/benefits/kinds/discord-roles.ts';
import { spreadRollout } from '../../../src/jobs/spread-rollout.ts';
import { MINUTE_MS } from '../../../src/lib/time.ts';
import { type EmulatedHouse, openEmulatedHouse } from '../../support/emulated.ts';
import { merchantOf } from '../../support/merchant.ts';

let emulated: EmulatedHouse;
beforeAll(async () => {
  emulated = await openEmulatedHouse();
});
afterAll(() => emulated[Symbol.asyncDispose]());

test('once it is known how many changes a server takes, whoever must wait has a turn, and Discord is not asked before', async () => {
  const { house, realm } = emulated;
  const { discord } = house.means;
  if (!discord) throw new Error('Discord is not configured.');
  const paceOf = () => ({ limit: 2, windowMs: MINUTE_MS });
  const means = { ...house.means, discord: { ...discord, paceOf } };
  const benefit = await house.benefit('discord', (await emulated.propertiesOf(discordRoles)) as object);
  const ids: string[] = [];
  for (let count = 0; count < 5; count++) {
    const { customer } = await merchantOf(house).subscriber([benefit.id]);
    await emulated.link(discordRoles, customer.id);
    ids.push(customer.id);
  }
  const settleAll = async () => {
    for (const id of ids) await settle({ ...house, means }, id);
    return Promise.all(ids.map(async (id) => (await house.grants(id))[0]));
  };
  realm.forgetCalls();
  const began = house.time.now.getTime();
  const grants = await settleAll();
  expect(grants.map((grant) => grant?.state)).toEqual(['ACTIVE', 'ACTIVE', 'CREATED', 'CREATED', 'CREATED']);
  expect(grants.map((grant) => grant?.attentionCode)).toEqual([null, null, ...Array(3).fill('RATE_LIMITED')]);
  // Each is tried when its turn has come, and not before.
  const waits = grants.slice(2).map((grant) => (grant?.retryAt?.getTime() ?? 0) - began);
  expect(waits.map((wait) => Math.round(wait / MINUTE_MS))).toEqual([1, 1, 2]);
  const calls = realm.counts().byRoute;
  expect(calls).toEqual({
    'GET /guilds/{guild_id}/members/{user_id}': 2,
    'PUT /guilds/{guild_id}/members/{user_id}/roles/{role_id}': 2,
  });
  for (let minute = 0; minute < 2; minute++) {
    house.passTime(MINUTE_MS + 2_000);
    await settleAll();
  }
  expect((await settleAll()).map((grant) => grant?.state)).toEqual(Array(5).fill('ACTIVE'));
  expect(realm.counts().total).toBe(10);
});

test('whose benefit names another server leaves the line of the one before', async () => {
  const { house, realm } = emulated;
  const { discord } = house.means;
  if (!discord) throw new Error('Discord is not configured.');
  const means = { ...house.means, discord: { ...discord, paceOf: () => ({ limit: 1, windowMs: MINUTE_MS }) } };
  const properties = (await emulated.propertiesOf(discordRoles)) as { guildId: string };
  const benefit = await house.benefit('discord', properties);
  const merchant = merchantOf(house);
  const ids: string[] = [];
  for (let count = 0; count < 2; count++) {
    const { customer } = await merchant.subscriber([benefit.id]);
    await emulated.link(discordRoles, customer.id);
    ids.push(customer.id);
  }
  house.passTime(2 * MINUTE_MS);
  for (const id of ids) await settle({ ...house, means }, id);
  const waiting = ids[1] ?? '';
  expect((await house.grants(waiting))[0]).toMatchObject({ state: 'CREATED', attentionCode: 'RATE_LIMITED' });
  const line = { name: `changes of server ${properties.guildId}` };
  const ahead = await house.prisma.allowanceTurn.count({ where: line });

  const other = realm.addGuild('Another club', { roles: ['Premium'] });
  for (const { username, bot } of realm.state.users.values()) if (!bot) realm.join(other.id, username);
  const role = [...other.roles.values()].find(({ name }) => name === 'Premium');
  await merchant.editBenefit(benefit.id, { guildId: other.id, roles: [{ roleId: role?.id }] });
  for (const { id } of await house.prisma.rollout.findMany({ where: { benefitId: benefit.id } }))
    await spreadRollout(house.transaction).handle({ rolloutId: id });
  await settle({ ...house, means }, waiting);
  expect((await house.grants(waiting))[0]).toMatchObject({ state: 'ACTIVE', attentionCode: null });
  expect(await house.prisma.allowanceTurn.count({ where: line })).toBe(ahead - 1);
});
