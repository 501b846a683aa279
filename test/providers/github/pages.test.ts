import { expect, test } from 'vitest';
import { readProviders } from '../../../src/config.ts';
import { openGithub } from '../../../src/providers/github.ts';
import { openSandbox } from '../../../src/sandbox/sandbox.ts';

test('everything there is is read, also what is beyond the first hundred', async () => {
  await using sandbox = await openSandbox();
  const { github: hub } = sandbox;
  const ada = hub.addUser('ada');
  for (let number = 0; number < 101; number++) {
    hub.addOrganization(`shop-${number}`, { owners: ['ada'] });
    hub.install(`shop-${number}`);
  }
  const { id } = hub.install(hub.addOrganization('acme').login);
  for (let number = 0; number < 201; number++) hub.addRepository(`acme/code-${number}`);
  const settings = readProviders(sandbox.environment).github;
  const github = settings && openGithub(settings);
  const found = await github?.repositories.list(id);
  expect(new Set(found?.map(({ name }) => name)).size).toBe(201);

  const journey = { state: 'a state', verifier: 'v'.repeat(43), redirectUrl: 'http://127.0.0.1/back' };
  const back = await sandbox.consent(github?.people.installationUrl(journey) ?? '', { as: ada.id });
  const places = await github?.people.placesOf(back.searchParams.get('code') ?? '', journey);
  expect(new Set(places?.map(({ name }) => name)).size).toBe(101);
});
