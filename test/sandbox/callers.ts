import { createSign } from 'node:crypto';
import { openSandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { openContract } from '../support/contract.ts';

/** A call as any program makes it: its status, headers and body. */
export async function call(url: string, method: string, token: string, body?: unknown) {
  const headers = {
    ...(token && { authorization: token }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  };
  const response = await fetch(url, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : undefined };
}

/** A sandbox with a shop's organization, two repositories, a guild and two people, held to the contracts. */
export async function openWorld(options: SandboxOptions = {}) {
  const contract = openContract();
  const sandbox = await openSandbox({ limits: 'off', onExchange: contract.hear, ...options });
  const { github, discord } = sandbox;
  const [ada, bob] = [github.addUser('ada'), github.addUser('bob')];
  github.addOrganization('acme');
  github.addRepository('acme/engine');
  github.addRepository('acme/docs', { private: false });
  const { id } = github.install('acme');
  const guild = discord.addGuild('Acme', { roles: ['Backer', 'Insider'] });
  const roles = Object.fromEntries([...guild.roles.values()].map((role) => [role.name, role.id]));
  const member = discord.addUser('ada');

  const onGithub = (method: string, path: string, token = '', body?: unknown) =>
    call(`${github.apiUrl}${path}`, method, token && `Bearer ${token}`, body);
  /** With the secret of the bot, unless another token is named. */
  const onDiscord = (method: string, path: string, body?: unknown, token = `Bot ${discord.state.botToken}`) =>
    call(`${discord.apiUrl}/v10${path}`, method, token, body);

  const jwt = (claims: object = {}) => {
    const now = Math.floor(Date.now() / 1_000);
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
    const signed = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode({ iat: now - 60, exp: now + 540, iss: github.state.app.id, ...claims })}`;
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(github.state.app.privateKey, 'base64url')}`;
  };
  const installationToken = async () =>
    (await onGithub('POST', `/app/installations/${id}/access_tokens`, jwt())).body.token as string;

  return {
    sandbox,
    github,
    discord,
    contract,
    ada,
    bob,
    guild,
    roles,
    member,
    onGithub,
    onDiscord,
    jwt,
    installationToken,
  };
}

/** The tokens somebody's consent leads to. */
export async function link(
  { sandbox, github, discord }: Awaited<ReturnType<typeof openWorld>>,
  provider: 'github' | 'discord',
  as: string | number,
  scope = 'identify guilds.join',
) {
  const isGithub = provider === 'github';
  const client = isGithub
    ? { id: github.state.app.clientId, secret: github.state.app.clientSecret }
    : { id: discord.state.clientId, secret: discord.state.clientSecret };
  const authorize = new URL(isGithub ? `${github.url}/login/oauth/authorize` : `${discord.url}/oauth2/authorize`);
  authorize.search = String(
    new URLSearchParams({ client_id: client.id, redirect_uri: 'http://127.0.0.1/back', state: 's', scope }),
  );
  const back = await sandbox.consent(authorize, { as });
  const code = back.searchParams.get('code') ?? '';
  const tokenUrl = isGithub ? `${github.url}/login/oauth/access_token` : `${discord.apiUrl}/oauth2/token`;
  const exchange = async (fields: Record<string, string>) => {
    const body = new URLSearchParams({ client_id: client.id, client_secret: client.secret, ...fields });
    const response = await fetch(tokenUrl, { method: 'POST', body, headers: { accept: 'application/json' } });
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  };
  const { body } = await exchange({ grant_type: 'authorization_code', code, redirect_uri: 'http://127.0.0.1/back' });
  return { code, back, exchange, access: body.access_token ?? '', refresh: body.refresh_token ?? '' };
}
