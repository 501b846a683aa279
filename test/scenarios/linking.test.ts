import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { MINUTE_MS } from '../../src/lib/time.ts';
import { openTown, type Town } from '../support/town.ts';

vi.setConfig({ testTimeout: 60_000 });

const PUBLIC_URL = 'https://boon.example/shop';
const SHOP = 'https://shop.test';

let town: Town;
beforeAll(async () => {
  town = await openTown({ publicUrl: PUBLIC_URL });
});
afterEach(() => town.contract.expectKept());
afterAll(() => town?.[Symbol.asyncDispose]());

/** What others reach at the public URL, a proxy in front of Boon passes on without its prefix. */
const behindProxy = (url: string | URL) => String(url).replace(PUBLIC_URL, town.url);

interface Begun {
  url: string;
}

/** A browser that sets out with what was answered, and has the cookie it was given. */
async function setOut({ url }: Begun) {
  const out = await fetch(behindProxy(url), { redirect: 'manual' });
  const cookie = out.headers.get('set-cookie') ?? '';
  return { to: new URL(out.headers.get('location') ?? ''), cookie };
}

/** Comes back from the provider; where it is led, or what it is told. */
async function comeBack(back: URL, cookie = '') {
  const headers = { cookie: cookie.split(';')[0] ?? '' };
  const answer = await fetch(behindProxy(back), { redirect: 'manual', headers });
  return { status: answer.status, location: answer.headers.get('location'), words: await answer.text() };
}

describe('a customer', () => {
  /** One who is signed in, came from the shop, and begins to link. */
  async function signedIn() {
    const customerId = await town.customer();
    const input = { customer: { id: customerId }, returnUrl: `${SHOP}/portal` };
    const session = await town.call('createCustomerSession', input, 'id token');
    const as: string = session.token;
    const begin = (returnUrl = `${SHOP}/done`, provider = 'GITHUB') =>
      town.call('startAccountLink', { provider, returnUrl }, 'url', as);
    const accounts = async () =>
      (await town.ask('{ currentCustomer { accounts { provider username inUse } } }', {}, as)).currentCustomer.accounts;
    return { customerId, session, begin, accounts };
  }

  test('links an account from the browser that set out, over the public URL, and is led back', async () => {
    const { begin, accounts } = await signedIn();
    const person = town.person();
    const begun = await begin();
    expect(begun.url).toMatch(`${PUBLIC_URL}/oauth/github?ticket=`);
    const { to, cookie } = await setOut(begun);
    expect(to.searchParams.get('redirect_uri')).toBe(`${PUBLIC_URL}/oauth/github/callback`);
    expect(to.searchParams.get('code_challenge_method')).toBe('S256');
    expect(cookie).toMatch(/; Path=\/shop\/oauth\/github; .*HttpOnly; SameSite=Lax; Secure$/);
    const back = await town.sandbox.consent(to, { as: person.id });
    expect(await comeBack(back, cookie)).toMatchObject({
      status: 302,
      location: `${SHOP}/done?provider=github&link=linked`,
    });
    expect(await accounts()).toEqual([{ provider: 'GITHUB', username: person.login, inUse: true }]);
  });

  test('is not linked by another browser, nor by what came back before', async () => {
    const { begin, accounts } = await signedIn();
    const { to, cookie } = await setOut(await begin());
    const back = await town.sandbox.consent(to, { as: town.person().id });
    expect(await comeBack(back)).toMatchObject({ status: 400 });
    const thief = await setOut(await (await signedIn()).begin());
    expect(await comeBack(back, thief.cookie)).toMatchObject({ status: 400 });
    expect(await accounts()).toEqual([]);
    expect(await comeBack(back, cookie)).toMatchObject({ status: 302 });
    expect(await comeBack(back, cookie)).toMatchObject({ status: 400 });
  });

  test('is not linked too late, nor after they were signed out', async () => {
    const { begin, session, accounts } = await signedIn();
    const late = await setOut(await begin());
    const back = await town.sandbox.consent(late.to, { as: town.person().id });
    town.passTime(10 * MINUTE_MS);
    expect(await comeBack(back, late.cookie)).toMatchObject({ status: 400 });
    const { to, cookie } = await setOut(await begin());
    const other = await town.sandbox.consent(to, { as: town.person().id });
    expect(await accounts()).toEqual([]);
    await town.call('revokeCustomerSession', { id: session.id }, 'id');
    expect(await comeBack(other, cookie)).toMatchObject({ status: 400 });
  });

  test('who does not agree is led back and told so', async () => {
    const { begin, accounts } = await signedIn();
    const { to, cookie } = await setOut(await begin(undefined, 'DISCORD'));
    const back = await town.sandbox.consent(to, 'deny');
    expect(await comeBack(back, cookie)).toMatchObject({ location: `${SHOP}/done?provider=discord&link=denied` });
    expect(await accounts()).toEqual([]);
  });

  test('is led back when the provider does not answer, and may try again', async () => {
    const { begin, accounts } = await signedIn();
    const person = town.person();
    town.hub.fail({ status: 503 }, { route: 'POST /login/oauth/access_token' });
    const first = await setOut(await begin());
    const back = await town.sandbox.consent(first.to, { as: person.id });
    expect(await comeBack(back, first.cookie)).toMatchObject({ location: `${SHOP}/done?provider=github&link=failed` });
    town.calm();
    const second = await setOut(await begin());
    await comeBack(await town.sandbox.consent(second.to, { as: person.id }), second.cookie);
    expect(await accounts()).toHaveLength(1);
  });

  test.each([
    'https://evil.test/',
    'https://shop.test.evil.test/',
    'https://shop.test@evil.test/',
    'javascript:alert(1)',
  ])('is not led to %s', async (elsewhere) => {
    const { begin } = await signedIn();
    expect(await begin(elsewhere)).toMatchObject({ __typename: 'InvalidInputError', path: ['returnUrl'] });
  });
});

describe('a merchant', () => {
  const begin = (provider: string) => town.call('connectIntegration', { provider }, 'url');
  const integrationNamed = async (name: string) => {
    const { integrations } = await town.ask(`{ integrations { id name provider lastError { code message }
      health { isWell problem { code message } budget { limit remaining } }
      repositories { owner name isPrivate } roles { id name isAssignable } } }`);
    return integrations.find((one: { name: string }) => one.name === name);
  };
  const properties = { githubRepository: { repositories: [{ owner: 'globex', name: 'secret' }] } };
  const create = () => town.call('createBenefit', { description: 'Access', properties }, 'benefit { id }');

  test('shows that an organization at GitHub is theirs by being its owner', async () => {
    const [owner, member] = [town.person(), town.person()];
    town.hub.addOrganization('globex', { members: [member.login], owners: [owner.login] });
    town.hub.addRepository('globex/secret');
    town.hub.install('globex');
    expect(await create()).toMatchObject({ __typename: 'ConflictError', message: expect.stringContaining('globex') });

    const first = await setOut(await begin('GITHUB'));
    expect(first.to.searchParams.get('redirect_uri')).toBe(`${PUBLIC_URL}/oauth/github/callback`);
    const asMember = await town.sandbox.consent(first.to, { as: member.id });
    expect((await comeBack(asMember, first.cookie)).words).toContain('Nothing there is yours');
    expect(await integrationNamed('globex')).toBeUndefined();

    const second = await setOut(await begin('GITHUB'));
    const asOwner = await town.sandbox.consent(second.to, { as: owner.id });
    expect((await comeBack(asOwner, second.cookie)).words).toContain('It is linked');
    expect(await integrationNamed('globex')).toMatchObject({
      provider: 'GITHUB',
      health: { isWell: true, problem: null },
      repositories: [{ owner: 'globex', name: 'secret', isPrivate: true }],
      roles: [],
      lastError: null,
    });
    expect(await create()).toMatchObject({ __typename: 'CreateBenefitPayload' });
    town.hub.suspend('globex');
    expect(await integrationNamed('globex')).toMatchObject({
      health: { isWell: false, problem: { code: 'APP_SUSPENDED' } },
    });
  });

  test('shows that a server at Discord is theirs by adding the bot to it', async () => {
    const guild = town.realm.addGuild('Globex', { roles: ['Member'], bot: false });
    const { to, cookie } = await setOut(await begin('DISCORD'));
    expect(to.searchParams.get('scope')).toBe('bot');
    const back = await town.sandbox.consent(to, { as: guild.ownerId, guild: guild.id });
    expect((await comeBack(back, cookie)).words).toContain('It is linked');
    expect(await integrationNamed('Globex')).toMatchObject({
      provider: 'DISCORD',
      health: { isWell: true },
      repositories: [],
      roles: expect.arrayContaining([
        { id: guild.id, name: '@everyone', isAssignable: false },
        { id: expect.any(String), name: 'Member', isAssignable: true },
        { id: expect.any(String), name: 'Boon', isAssignable: false },
      ]),
    });
    town.realm.kickBot(guild.id);
    expect(await integrationNamed('Globex')).toMatchObject({
      health: { isWell: false, problem: { code: 'BOT_NOT_IN_SERVER' } },
    });
  });
});
