import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/sandbox/clock.ts';
import { link, openWorld } from './callers.ts';

test.each(['github', 'discord'] as const)(
  'at %s a code is good once, and a refresh token ends with its use',
  async (provider) => {
    const world = await openWorld();
    await using _ = world.sandbox;
    const { code, back, exchange, access, refresh } = await link(
      world,
      provider,
      world[provider === 'github' ? 'ada' : 'member'].id,
    );
    expect(back.searchParams.get('state')).toBe('s');
    const again = await exchange({ grant_type: 'authorization_code', code });
    expect(again.body.error).toBe(provider === 'github' ? 'bad_verification_code' : 'invalid_grant');
    const own = (token: string) =>
      provider === 'github'
        ? world.onGithub('GET', '/user', token)
        : world.onDiscord('GET', '/users/@me', undefined, `Bearer ${token}`);
    expect((await own(access)).status).toBe(200);
    const renewed = await exchange({ grant_type: 'refresh_token', refresh_token: refresh });
    expect((await own(access)).status).toBe(401);
    expect((await own(renewed.body.access_token ?? '')).status).toBe(200);
    expect((await exchange({ grant_type: 'refresh_token', refresh_token: refresh })).body.error).toBeTruthy();
    world.sandbox.clock.advance(8 * DAY_MS);
    expect((await own(renewed.body.access_token ?? '')).status).toBe(401);
  },
);

test('a verifier must fit, and who does not allow it sends back no code', async () => {
  const world = await openWorld();
  await using _ = world.sandbox;
  const { clientId, clientSecret } = world.github.state.app;
  const authorize = new URL(`${world.github.url}/login/oauth/authorize`);
  const code_challenge = createHash('sha256').update('verifier').digest('base64url');
  const asked = {
    client_id: clientId,
    redirect_uri: 'http://127.0.0.1/back',
    state: 's',
    code_challenge,
    code_challenge_method: 'S256',
  };
  authorize.search = String(new URLSearchParams(asked));
  const page = await fetch(authorize);
  expect(await page.text()).toContain('An emulator, not GitHub');
  const denied = await world.sandbox.consent(authorize, 'deny');
  expect(denied.searchParams.get('error')).toBe('access_denied');
  const redeem = async (code_verifier: string) => {
    const code = (await world.sandbox.consent(authorize, { as: world.ada.id })).searchParams.get('code') ?? '';
    const body = new URLSearchParams({ client_id: clientId, client_secret: clientSecret, code, code_verifier });
    const answer = await fetch(`${world.github.url}/login/oauth/access_token`, { method: 'POST', body });
    return Object.fromEntries(new URLSearchParams(await answer.text()));
  };
  expect(await redeem('wrong')).toMatchObject({ error: 'bad_verification_code' });
  expect(await redeem('verifier')).toMatchObject({
    token_type: 'bearer',
    access_token: expect.stringMatching(/^ghu_/),
  });
});
