import { afterAll, beforeAll, expect, test } from 'vitest';
import { settle } from '../../../src/benefits/fulfillment.ts';
import discordRoles from '../../../src/benefits/kinds/discord-roles.ts';
import { readProviders } from '../../../src/config.ts';
import { MINUTE_MS } from '../../../src/lib/time.ts';
import { openDiscord } from '../../../src/providers/discord.ts';
import { type EmulatedHouse, openEmulatedHouse } from '../../support/emulated.ts';
import { merchantOf } from '../../support/merchant.ts';

const PUT_ROLE = 'PUT /guilds/{guild_id}/members/{user_id}/roles/{role_id}';
/** However often it is asked meanwhile. */
const ALWAYS = 1_000;

let emulated: EmulatedHouse;
beforeAll(async () => {
  emulated = await openEmulatedHouse();
});
afterAll(() => emulated[Symbol.asyncDispose]());

const buy = async () => {
  const { house } = emulated;
  const benefit = await house.benefit('discord', (await emulated.propertiesOf(discordRoles)) as object);
  const { customer } = await merchantOf(house).subscriber([benefit.id]);
  await emulated.link(discordRoles, customer.id);
  return customer.id;
};
const grantOf = async (customerId: string) => (await emulated.house.grants(customerId))[0];
/** It answers again, and is asked as usual once the time has come. */
const mend = async (customerId: string) => {
  emulated.realm.mend();
  emulated.house.passTime(MINUTE_MS);
  await emulated.house.settle(customerId);
};

test('Discord that takes a call and does not answer it is asked again later, and nobody has to do anything', async () => {
  const { house, realm, environment } = emulated;
  const settings = readProviders(environment).discord;
  if (!settings) throw new Error('Discord is not configured.');
  await using discord = openDiscord({ ...settings, timeoutMs: 2_000 });
  const customerId = await buy();
  realm.fail('hangs', { route: PUT_ROLE, times: ALWAYS });
  await settle({ ...house, means: { ...house.means, discord } }, customerId);
  expect(await grantOf(customerId)).toMatchObject({
    state: 'CREATED',
    attentionCode: 'PROVIDER_UNAVAILABLE',
    attentionActor: 'SYSTEM',
    retryAt: expect.any(Date),
  });
  await mend(customerId);
  expect(await grantOf(customerId)).toMatchObject({ state: 'ACTIVE', attentionCode: null });
});

test('Discord that hangs again and again is waited for as long as all of it may take, and no longer', async () => {
  const { house, realm } = emulated;
  const customerId = await buy();
  realm.fail('hangs', { route: PUT_ROLE, times: ALWAYS });
  await settle({ ...house, callMs: 2_000 }, customerId);
  expect(await grantOf(customerId)).toMatchObject({
    state: 'CREATED',
    attentionCode: 'TIMED_OUT',
    attentionActor: 'SYSTEM',
    retryAt: expect.any(Date),
  });
  await mend(customerId);
  expect(await grantOf(customerId)).toMatchObject({ state: 'ACTIVE', attentionCode: null });
});
