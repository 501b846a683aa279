import { afterAll, beforeAll, expect, test } from 'vitest';
import { DAY_MS } from '../../src/lib/time.ts';
import { type GithubStage, openGithubStage } from '../support/github.ts';

let stage: GithubStage;
beforeAll(async () => {
  stage = await openGithubStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

test('of several permissions the highest stands, and is lowered when its holder goes', async () => {
  const [low, high] = [await stage.benefit({ one: 'pull' }), await stage.benefit({ one: 'maintain' })];
  const { customerId, subscription, person } = await stage.subscriber(high);
  const product = await stage.house.product([low]);
  const second = await stage.merchant.subscribe(customerId, product.id);
  await stage.house.settle(customerId);
  expect(stage.access('one')[person.login]).toBe('maintain');
  await stage.merchant.cancel(subscription.id);
  await stage.house.settle(customerId);
  expect(stage.access('one')[person.login]).toBe('pull');
  await stage.merchant.cancel(second.id);
  await stage.house.settle(customerId);
  expect(stage.access('one')[person.login]).toBeUndefined();
});

test('what the owner gave by hand is never taken', async () => {
  const benefit = await stage.benefit({ one: 'push' });
  const person = stage.person();
  stage.hub.addCollaborator('acme/one', person.login, 'pull');
  const { customer, subscription } = await stage.merchant.subscriber([benefit]);
  await stage.link(customer.id, person);
  await stage.house.settle(customer.id);
  expect(stage.access('one')[person.login]).toBe('push');
  await stage.merchant.cancel(subscription.id);
  await stage.house.settle(customer.id);
  expect(stage.access('one')[person.login]).toBe('pull');
});

test('two customers with one account: the last one to go takes it along', async () => {
  const benefit = await stage.benefit({ one: 'pull' });
  const first = await stage.subscriber(benefit);
  const { customer, subscription } = await stage.merchant.subscriber([benefit]);
  await stage.link(customer.id, first.person);
  await stage.house.settle(customer.id);
  await stage.merchant.cancel(first.subscription.id);
  await stage.house.settle(first.customerId);
  expect(stage.access('one')[first.person.login]).toBe('pull');
  await stage.merchant.cancel(subscription.id);
  await stage.house.settle(customer.id);
  expect(stage.access('one')[first.person.login]).toBeUndefined();
});

test('a benefit that names other repositories moves everybody there', async () => {
  const benefit = await stage.benefit({ one: 'pull' });
  const { customerId, person } = await stage.subscriber(benefit);
  await stage.merchant.editBenefit(benefit, (await stage.inspected({ two: 'triage' })) as never);
  await stage.house.settle(customerId);
  expect(stage.access('one')[person.login]).toBeUndefined();
  expect(stage.access('two')[person.login]).toBe('triage');
});

test('one of three repositories that is gone holds up none of the others', async () => {
  stage.hub.addRepository('acme/passing');
  const benefit = await stage.benefit({ one: 'pull', passing: 'pull', two: 'pull' });
  stage.hub.removeRepository('acme/passing');
  const { customerId, person } = await stage.subscriber(benefit);
  expect(await stage.items(customerId)).toEqual({ one: 'INVITED', passing: 'REPOSITORY_NOT_FOUND', two: 'INVITED' });
  expect(await stage.grant(customerId)).toMatchObject({ state: 'CREATED', attentionActor: 'MERCHANT' });
  expect([stage.access('one')[person.login], stage.access('two')[person.login]]).toEqual(['pull', 'pull']);
});

test('an accepted invitation is noticed, also under another name', async () => {
  const benefit = await stage.benefit({ one: 'pull' });
  const { customerId, subscription, person } = await stage.subscriber(benefit);
  stage.hub.accept('acme/one', person.login);
  stage.hub.rename(person.login, 'somebody-else');
  await stage.look(benefit);
  expect(await stage.items(customerId)).toEqual({ one: 'ACTIVE' });
  await stage.merchant.cancel(subscription.id);
  await stage.house.settle(customerId);
  expect(stage.access('one')['somebody-else']).toBeUndefined();
});

test('a declined invitation waits for the customer', async () => {
  const benefit = await stage.benefit({ one: 'pull' });
  const { customerId, person } = await stage.subscriber(benefit);
  stage.hub.decline('acme/one', person.login);
  await stage.look(benefit, customerId);
  expect(await stage.grant(customerId)).toMatchObject({
    attentionCode: 'INVITATION_DECLINED',
    attentionActor: 'CUSTOMER',
  });
  expect(stage.access('one')[person.login]).toBeUndefined();
});

test('a collaborator removed by hand is let in again, and the grant says so', async () => {
  const benefit = await stage.benefit({ one: 'pull' });
  const { customerId, person } = await stage.subscriber(benefit);
  stage.hub.accept('acme/one', person.login);
  await stage.look(benefit);
  stage.hub.removeCollaborator('acme/one', person.login);
  await stage.look(benefit, customerId);
  expect(await stage.items(customerId)).toEqual({ one: 'INVITED' });
  expect(stage.access('one')[person.login]).toBe('pull');
});

test('another account takes the place of the first', async () => {
  const benefit = await stage.benefit({ one: 'pull' });
  const { customerId, person } = await stage.subscriber(benefit);
  const other = stage.person();
  const account = await stage.link(customerId, other);
  await stage.house.settle(customerId);
  expect([stage.access('one')[person.login], stage.access('one')[other.login]]).toEqual([undefined, 'pull']);
  await stage.unlink(customerId, account.id);
  await stage.house.settle(customerId);
  expect([stage.access('one')[person.login], stage.access('one')[other.login]]).toEqual(['pull', undefined]);
});

test.each([
  ['a failure of its own', { status: 502 }, 'PROVIDER_UNAVAILABLE', 'SYSTEM'],
  [
    'a missing permission',
    { status: 403, body: { message: 'Resource not accessible by integration' } },
    'MISSING_PERMISSION',
    'MERCHANT',
  ],
])('%s is told apart, and undone by trying again', async (_, fault, code, actor) => {
  const benefit = await stage.benefit({ three: 'pull' });
  stage.hub.fail(fault, { route: 'PUT /repos/{owner}/{repo}/collaborators/{username}', times: 2 });
  const { customerId, person } = await stage.subscriber(benefit);
  expect(await stage.grant(customerId)).toMatchObject({ state: 'CREATED', attentionCode: code, attentionActor: actor });
  stage.hub.mend();
  await stage.merchant.retry((await stage.grant(customerId)).id);
  await stage.house.settle(customerId);
  expect(stage.access('three')[person.login]).toBe('pull');
});

test('when the invitations of a day are used up, the grant says until when it waits', async () => {
  const { id } = stage.hub.addRepository('acme/busy');
  const benefit = await stage.benefit({ busy: 'pull' });
  const rows = Array.from({ length: 50 }, () => ({ name: `invitations of repository ${id}`, at: stage.house.clock() }));
  await stage.house.prisma.allowanceUse.createMany({ data: rows });
  const { customerId } = await stage.subscriber(benefit);
  const grant = await stage.grant(customerId);
  expect(grant).toMatchObject({ state: 'CREATED', attentionCode: 'INVITATION_LIMIT', attentionActor: 'SYSTEM' });
  expect(grant.retryAt?.getTime()).toBeGreaterThan(stage.house.time.now.getTime() + DAY_MS - 60_000);
});

test('a secondary limit is waited for as long as GitHub asks', async () => {
  const benefit = await stage.benefit({ three: 'pull' });
  const body = { message: 'You have exceeded a secondary rate limit.' };
  stage.hub.fail(
    { status: 403, headers: { 'retry-after': '30' }, body },
    { route: 'PUT /repos/{owner}/{repo}/collaborators/{username}' },
  );
  const { customerId } = await stage.subscriber(benefit);
  const grant = await stage.grant(customerId);
  expect(grant).toMatchObject({ state: 'CREATED', attentionCode: 'RATE_LIMITED', attentionActor: 'SYSTEM' });
  expect(grant.retryAt).toEqual(new Date(stage.house.time.now.getTime() + 30_000));
  // Nobody else asks meanwhile.
  stage.hub.forgetCalls();
  await stage.subscriber(benefit);
  expect(stage.hub.calls).toEqual([]);
});
