import { expect, test } from 'vitest';
import { type NewBenefit, propertiesOf } from '../../src/client/benefit-properties.ts';

const CASES: [NewBenefit['type'], object, object][] = [
  [
    'license_keys',
    { prefix: 'MYAPP', expires: false, activations: 1, limit_usage: false },
    { licenseKeys: { prefix: 'MYAPP', expires: null, activations: { limit: 1 }, limitUsage: null } },
  ],
  [
    'license_keys',
    { expires: { ttl: 1, timeframe: 'year' }, activations: { limit: 2, enable_customer_admin: true }, limit_usage: 5 },
    {
      licenseKeys: {
        prefix: null,
        expires: { ttl: 1, timeframe: 'YEAR' },
        activations: { limit: 2, customerAdmin: true },
        limitUsage: 5,
      },
    },
  ],
  [
    'github_repository',
    { repository_owner: 'myorg', repository_name: 'private-repo', permission: 'pull' },
    { githubRepository: { repositories: [{ owner: 'myorg', name: 'private-repo', permission: 'PULL' }] } },
  ],
  [
    'github_repository',
    { repositories: [{ owner: 'myorg', name: 'repo2', permission: 'push' }] },
    { githubRepository: { repositories: [{ owner: 'myorg', name: 'repo2', permission: 'PUSH' }] } },
  ],
  [
    'discord',
    { guild_id: '123456789', role_id: '987654321' },
    { discord: { guildId: '123456789', roles: [{ roleId: '987654321' }] } },
  ],
  [
    'discord',
    { guild_id: '123456789', roles: [{ role_id: 'role1', name: 'Premium' }], kick_member: true },
    { discord: { guildId: '123456789', roles: [{ roleId: 'role1', name: 'Premium' }], kickOnRevoke: true } },
  ],
  [
    'downloadable',
    { files: [{ name: 'template1.zip', size: 5_000_000 }, 'fil_2'] },
    { downloadables: { fileIds: ['new template1.zip', 'fil_2'] } },
  ],
  ['custom', { meter_id: 'meter_xxx', credits: 10_000 }, { meterCredit: { meterId: 'meter_xxx', units: 10_000 } }],
  [
    'meter_credit',
    { meter_id: 'meter_xxx', units: 5, rollover: true, priority: 1 },
    { meterCredit: { meterId: 'meter_xxx', units: 5, rollover: {}, priority: 1 } },
  ],
  ['custom', { note: 'Hello', fulfillment: 'manual' }, { custom: { note: 'Hello', fulfillment: 'MANUAL' } }],
];

test.each(CASES)('%s %j', async (type, properties, expected) => {
  const given = { type, description: 'One', properties } as NewBenefit;
  expect(await propertiesOf(given, async ({ name }) => `new ${name}`)).toEqual(expected);
});
