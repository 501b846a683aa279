import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GithubStage, openGithubStage } from '../support/github.ts';

let stage: GithubStage;
beforeAll(async () => {
  stage = await openGithubStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

test('whoever links before they buy is invited at once, and is out when it ends', async () => {
  const benefit = await stage.benefit({ one: 'push' });
  const { customerId, subscription, person } = await stage.subscriber(benefit);
  expect(await stage.grant(customerId)).toMatchObject({ state: 'ACTIVE', attentionCode: null });
  expect(await stage.items(customerId)).toEqual({ one: 'INVITED' });
  expect(stage.access('one')).toEqual({ [person.login]: 'push' });
  await stage.merchant.cancel(subscription.id);
  await stage.house.settle(customerId);
  expect(await stage.grant(customerId)).toMatchObject({ state: 'REVOKED', attentionCode: null });
  expect(stage.access('one')).toEqual({});
});

test('whoever accepted is out as well', async () => {
  const benefit = await stage.benefit({ one: 'pull' });
  const { customerId, subscription, person } = await stage.subscriber(benefit);
  stage.hub.accept('acme/one', person.login);
  await stage.merchant.cancel(subscription.id);
  await stage.house.settle(customerId);
  expect(stage.access('one')).toEqual({});
});

test('whoever buys first is asked to link, and let in when they have', async () => {
  const benefit = await stage.benefit({ one: 'pull' });
  const { customer } = await stage.merchant.subscriber([benefit]);
  await stage.house.settle(customer.id);
  expect(await stage.grant(customer.id)).toMatchObject({
    state: 'CREATED',
    attentionCode: 'CONNECT_GITHUB',
    attentionActor: 'CUSTOMER',
  });
  const person = stage.person();
  await stage.link(customer.id, person);
  await stage.house.settle(customer.id);
  expect(await stage.grant(customer.id)).toMatchObject({ state: 'ACTIVE', attentionCode: null });
  expect(stage.access('one')).toEqual({ [person.login]: 'pull' });
});

test('linking after it ended gives nothing', async () => {
  const benefit = await stage.benefit({ two: 'pull' });
  const { customer, subscription } = await stage.merchant.subscriber([benefit]);
  await stage.house.settle(customer.id);
  await stage.merchant.cancel(subscription.id);
  await stage.link(customer.id, stage.person());
  await stage.house.settle(customer.id);
  expect(await stage.grant(customer.id)).toMatchObject({ state: 'REVOKED' });
  expect(stage.access('two')).toEqual({});
});
