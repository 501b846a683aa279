import { afterAll, beforeAll, expect, test } from 'vitest';
import { settle } from '../../src/benefits/fulfillment.ts';
import { type GithubStage, openGithubStage } from '../support/github.ts';

let stage: GithubStage;
beforeAll(async () => {
  stage = await openGithubStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

/** Settles, while the customer does something between the decision to call GitHub and the record of what came of it. */
async function settleMeanwhile(customerId: string, act: () => Promise<unknown>): Promise<void> {
  const { transaction } = stage.house;
  let acted = false;
  const interrupted: typeof transaction = async (work) => {
    const answer = await transaction(work);
    if (!acted) {
      acted = true;
      await act();
    }
    return answer;
  };
  await settle({ ...stage.house, transaction: interrupted }, customerId);
  await stage.settleAll(customerId);
}

test('whoever links while they are about to be asked to is let in, and not asked', async () => {
  const { customer } = await stage.merchant.subscriber([await stage.benefit({ one: 'pull' })]);
  const person = stage.person();
  await settleMeanwhile(customer.id, () => stage.link(customer.id, person));
  expect(await stage.grant(customer.id)).toMatchObject({ state: 'ACTIVE', attentionCode: null });
  expect(stage.access('one')).toEqual({ [person.login]: 'pull' });
});

test('whoever switches while their first account is being let in ends with the second alone', async () => {
  const { customer } = await stage.merchant.subscriber([await stage.benefit({ two: 'pull' })]);
  await stage.link(customer.id, stage.person());
  const second = stage.person();
  await settleMeanwhile(customer.id, () => stage.link(customer.id, second));
  expect(await stage.grant(customer.id)).toMatchObject({ state: 'ACTIVE', attentionCode: null });
  expect(stage.access('two')).toEqual({ [second.login]: 'pull' });
});

test('whoever unlinks while they are being let in is out again, and asked to link', async () => {
  const { customer } = await stage.merchant.subscriber([await stage.benefit({ three: 'pull' })]);
  const { id } = await stage.link(customer.id, stage.person());
  await settleMeanwhile(customer.id, () => stage.unlink(customer.id, id));
  expect(await stage.grant(customer.id)).toMatchObject({ state: 'CREATED', attentionCode: 'CONNECT_GITHUB' });
  expect(stage.access('three')).toEqual({});
});

test('GitHub that does not answer is waited for as long as a call may take, and asked again', async () => {
  const { customer } = await stage.merchant.subscriber([await stage.benefit({ one: 'push' })]);
  const person = stage.person();
  await stage.link(customer.id, person);
  stage.hub.fail('hangs', { route: 'PUT /repos/{owner}/{repo}/collaborators/{username}', times: 9 });
  await settle({ ...stage.house, callMs: 2_000 }, customer.id);
  expect(await stage.grant(customer.id)).toMatchObject({
    state: 'CREATED',
    attentionCode: 'TIMED_OUT',
    attentionActor: 'SYSTEM',
    retryAt: expect.any(Date),
  });
  stage.hub.mend();
  await stage.settleAll(customer.id);
  expect(await stage.grant(customer.id)).toMatchObject({ state: 'ACTIVE', attentionCode: null });
  expect(stage.access('one')[person.login]).toBe('push');
});
