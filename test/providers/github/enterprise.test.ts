import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { readProviders } from '../../../src/config.ts';
import { openGithub } from '../../../src/providers/github.ts';
import { openSandbox } from '../../../src/sandbox/sandbox.ts';

test('of an Enterprise server the API is asked below its path, and people are sent to its pages', async () => {
  await using sandbox = await openSandbox();
  const { github: hub } = sandbox;
  await using host = await openHost(hub.url);
  const environment = { ...sandbox.environment, GITHUB_API_URL: `${host.url}/api/v3`, GITHUB_URL: host.url };
  const settings = readProviders(environment).github;
  if (!settings) throw new Error('It is not configured.');
  const github = openGithub(settings);
  hub.addOrganization('acme');
  hub.addRepository('acme/engine');
  const { id } = hub.install('acme');
  const ada = hub.addUser('ada');

  const engine = await github.repositories.find({ owner: 'acme', name: 'engine' });
  await github.everybodyIn([engine]);
  expect(host.paths).toEqual([
    'GET /api/v3/repos/acme/engine/installation',
    `POST /api/v3/app/installations/${id}/access_tokens`,
    'GET /api/v3/repos/acme/engine',
    'POST /api/graphql',
  ]);

  host.paths.length = 0;
  const journey = { state: 'a state', verifier: 'v'.repeat(43), redirectUrl: 'http://127.0.0.1/back' };
  const back = await sandbox.consent(github.people.authorizationUrl(journey), { as: ada.id });
  const person = await github.people.identify(back.searchParams.get('code') ?? '', journey);
  expect(person).toMatchObject({ accountId: String(ada.id), username: 'ada' });
  expect(host.paths.map((path) => path.split('?')[0])).toEqual([
    'POST /login/oauth/authorize',
    'POST /login/oauth/access_token',
    'GET /api/v3/user',
  ]);
});

const PASSED = ['accept', 'authorization', 'content-type'];

/** A host of its own, that hears of every call and passes it on. */
async function openHost(to: string) {
  const paths: string[] = [];
  const server = createServer(async (request, response) => {
    const { method = 'GET', url = '', headers } = request;
    paths.push(`${method} ${url}`);
    const passed = Object.entries(headers).filter(([name]) => PASSED.includes(name)) as [string, string][];
    const body = method === 'GET' ? null : await text(request);
    const answer = await fetch(`${to}${url}`, { method, headers: passed, body, redirect: 'manual' });
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(await answer.text());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    paths,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
