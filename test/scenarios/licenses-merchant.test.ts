import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Viewer } from '../../src/graphql/viewer.ts';
import { type Api, anonymous, customerViewer, merchant, openApi } from '../graphql/api.ts';
import { sellKey } from '../support/sold-key.ts';

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api[Symbol.asyncDispose]());

const validate = async (key: string) =>
  (
    await api.get('query ($input: ValidateLicenseKeyInput!) { validateLicenseKey(input: $input) { code usage } }', {
      input: { key },
    })
  ).validateLicenseKey;

describe('importing keys', () => {
  const rows = 'rows { created licenseKey { id displayKey limitUsage } error { code path } }';
  const importKeys = (benefitId: string, keys: object[]) => api.call('importLicenseKeys', { benefitId, keys }, rows);

  test('answers row by row, and the same rows again change nothing', async () => {
    const benefit = await api.benefit('license_keys', { limitUsage: 7 });
    const [ada, bob] = [await api.customer(), await api.customer()];
    const keys = [
      { key: 'OLD-0001-AAAA', customer: { id: ada.id }, usage: 2 },
      { key: 'old 0001 aaaa', customer: { id: bob.id } },
      { key: 'OLD-0002-BBBB', customer: { email: bob.email }, limitUsage: 3 },
      { key: 'OLD-0003-CCCC', customer: { id: ada.id } },
      { key: 'OLD-0004-DDDD', customer: { id: 'cus_0' } },
      { key: 'short', customer: { id: ada.id } },
      { key: 'OLD-0005-EEEE', customer: { id: ada.id }, usage: -1 },
      { key: 'OLD-0006\0FFFF', customer: { id: ada.id } },
      { key: 'OLD-0007-GGGG', customer: { externalId: '\ud800' } },
    ];
    const first = await importKeys(benefit.id, keys);
    expect(first.rows).toMatchObject([
      { created: true, error: null, licenseKey: { displayKey: '****-AAAA' } },
      { created: false, licenseKey: null, error: { code: 'CONFLICT', path: ['keys', '1', 'key'] } },
      { created: true, licenseKey: { limitUsage: 3 } },
      { error: { code: 'CONFLICT', path: ['keys', '3', 'customer'] } },
      { error: { code: 'NOT_FOUND', path: ['keys', '4', 'customer'] } },
      { error: { code: 'INVALID_INPUT', path: ['keys', '5', 'key'] } },
      { error: { code: 'INVALID_INPUT', path: ['keys', '6', 'usage'] } },
      { error: { code: 'INVALID_INPUT', path: ['keys', '7', 'key'] } },
      { error: { code: 'INVALID_INPUT', path: ['keys', '8', 'customer', 'externalId'] } },
    ]);
    const again = await importKeys(benefit.id, keys);
    expect(again.rows.map((row: { created: boolean }) => row.created)).not.toContain(true);
    expect(again.rows[0].licenseKey.id).toBe(first.rows[0].licenseKey.id);
    expect(await validate('old-0001-aaaa')).toEqual({ code: 'VALID', usage: 2 });
    await api.settle(ada.id);
    const { limitUsage, usage } = await api.prisma.licenseKey.findFirstOrThrow({ where: { customerId: ada.id } });
    expect({ limitUsage, usage }).toEqual({ limitUsage: 7, usage: 2 });
  });

  test('is for benefits that give out keys', async () => {
    const note = await api.benefit();
    const customer = await api.customer();
    const refused = await importKeys(note.id, [{ key: 'OLD-0009-AAAA', customer: { id: customer.id } }]);
    expect(refused).toMatchObject({ code: 'INVALID_INPUT', path: ['benefitId'] });
  });
});

describe('a merchant looks at a key', () => {
  const look = async (id: string) =>
    (
      await api.get(
        `query ($id: ID!) { node(id: $id) { ... on LicenseKey {
        validations lastValidatedAt history(first: 10) { edges { node { type } } } } } }`,
        { id },
      )
    ).node;

  test('its timeline and its validations', async () => {
    const { id, key } = await sellKey(api, { activations: { limit: 2 } });
    await api.call('activateLicenseKey', { key, label: 'Laptop' }, 'activation { id }', anonymous);
    await api.call('updateLicenseKey', { id, status: 'DISABLED' }, 'licenseKey { id }');
    await api.call('rotateLicenseKey', { id }, 'licenseKey { id }');
    await validate(key);
    await expect.poll(async () => (await look(id)).validations).toBe('1');
    const { history, lastValidatedAt } = await look(id);
    expect(lastValidatedAt).toBe(api.time.now.toISOString());
    expect(history.edges.map((edge: { node: { type: string } }) => edge.node.type)).toEqual([
      'license_key.rotated',
      'license_key.disabled',
      'license_key.activated',
    ]);
  });

  test('rotated twice because the first answer was lost has one other key', async () => {
    const { id } = await sellKey(api);
    const rotate = async () =>
      (await api.call('rotateLicenseKey', { id, idempotencyKey: `rotate ${id}` }, 'licenseKey { key }')).licenseKey.key;
    expect(await rotate()).toBe(await rotate());
    expect((await look(id)).history.edges).toHaveLength(1);
  });

  test('by the key that a customer writes, also one that was rotated away', async () => {
    const { id, key } = await sellKey(api);
    await api.call('rotateLicenseKey', { id }, 'licenseKey { id }');
    const find = async (key: string, as?: Viewer) =>
      (
        await api.get(
          'query ($key: String!) { licenseKey(key: $key) { id history(first: 10) { edges { node { type } } } } }',
          { key },
          as,
        )
      ).licenseKey;
    expect(await find(` ${key.toLowerCase()} `)).toEqual({
      id,
      history: { edges: [{ node: { type: 'license_key.rotated' } }] },
    });
    expect(await find('NOBODY-HAS-THIS')).toBeNull();
    expect(await find(key, merchant('org_other'))).toBeNull();
  });

  test('why it is refused, and whether it would be valid at another time', async () => {
    const { id } = await sellKey(api, { expires: { ttl: 1, timeframe: 'MONTH' } });
    const explain = async (input: object) =>
      (
        await api.get(
          'query ($input: ExplainLicenseKeyInput!) { explainLicenseKey(input: $input) { valid reasons { code message } } }',
          { input },
        )
      ).explainLicenseKey;
    expect(await explain({ id })).toEqual({ valid: true, reasons: [] });
    expect(await explain({ id, at: '2030-01-01T00:00:00Z' })).toEqual({
      valid: false,
      reasons: [{ code: 'EXPIRED', message: 'The license has expired.' }],
    });
    expect(await explain({ id: 'lic_0' })).toBeNull();
    const { errors } = await api.ask('{ explainLicenseKey(input: { id: "x" }) { valid } }', {}, anonymous);
    expect(errors[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });
});

describe('whoever has the id of an activation', () => {
  const activate = async (key: string): Promise<string> =>
    (await api.call('activateLicenseKey', { key, label: 'Laptop' }, 'activation { id }', anonymous)).activation.id;
  const deactivate = (input: object) => api.call('deactivateLicenseKey', input, 'activation { label }', anonymous);

  test('frees its slot, and does no harm by doing it twice', async () => {
    const { id, key } = await sellKey(api, { activations: { limit: 1 } });
    const activationId = await activate(key);
    for (const _ of ['once', 'and again'])
      expect(await deactivate({ activationId })).toMatchObject({ activation: { label: 'Laptop' } });
    const next = await activate(key);
    await deactivate({ activationId });
    expect(
      await api.prisma.licenseActivation.findMany({ where: { licenseKeyId: id, deactivatedAt: null } }),
    ).toMatchObject([{ id: next }]);
    expect(await api.prisma.event.count({ where: { subjectId: id, type: 'license_key.deactivated' } })).toBe(1);
  });

  test('frees none of another key or organization that they name', async () => {
    const [one, other] = [await sellKey(api, { activations: { limit: 1 } }), await sellKey(api)];
    const activationId = await activate(one.key);
    for (const wrong of [{ key: other.key }, { key: 'NOBODY-HAS-THIS' }, { organizationId: 'org_other' }])
      expect(await deactivate({ activationId, ...wrong })).toMatchObject({ code: 'NOT_FOUND', path: ['activationId'] });
    const { id: licenseKeyId } = one;
    expect(await api.prisma.licenseActivation.count({ where: { licenseKeyId, deactivatedAt: null } })).toBe(1);
    expect(await deactivate({ activationId, key: one.key })).toMatchObject({ activation: { label: 'Laptop' } });
  });
});

describe('a customer looks at the machines of a key', () => {
  const MACHINES = `{ currentCustomer { grants(first: 10) { edges { node { delivery { ... on LicenseKeysDelivery {
    licenseKey { activations(first: 10) { edges { node { id label } } } } } } } } } } }`;
  const machines = async (customerId: string) => {
    const { currentCustomer } = await api.get(MACHINES, {}, customerViewer(api.organizationId, customerId));
    return currentCustomer.grants.edges[0].node.delivery.licenseKey.activations.edges;
  };

  test.each([true, false])('and can deactivate them when customerAdmin is %s', async (customerAdmin) => {
    const { key, customerId } = await sellKey(api, { activations: { limit: 2, customerAdmin } });
    const made = await api.call('activateLicenseKey', { key, label: 'Laptop' }, 'activation { id }', anonymous);
    const [{ node: machine }] = await machines(customerId);
    expect(machine.label).toBe('Laptop');
    expect(machine.id === made.activation.id).toBe(customerAdmin);
    const viewer = customerViewer(api.organizationId, customerId);
    const told = await api.call('deactivateLicenseKey', { activationId: machine.id }, 'activation { id }', viewer);
    expect(told.__typename).toBe(customerAdmin ? 'DeactivateLicenseKeyPayload' : 'NotFoundError');
    expect(await machines(customerId)).toHaveLength(customerAdmin ? 0 : 1);
  });
});
