import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as endpoints from '../../src/domain/webhooks/endpoints.ts';
import { openReceiver, type Receiver } from '../support/receiver.ts';
import { openWebhooks, type Webhooks } from '../support/webhooks.ts';
import { type Api, customerViewer, merchant, openApi } from './api.ts';

let api: Api;
let webhooks: Webhooks;
let receiver: Receiver;
beforeAll(async () => {
  api = await openApi();
  webhooks = openWebhooks(api);
  receiver = await openReceiver();
});
afterAll(async () => {
  await webhooks[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
  await api[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await api.prisma.webhookEndpoint.deleteMany();
  receiver.received.length = 0;
});

const create = (some: object = {}) =>
  api.call(
    'createWebhookEndpoint',
    { url: receiver.url, events: ['*'], ...some },
    'endpoint { id url events enabled description } secret',
  );
const told = async (type = 'thing.made') => {
  await webhooks.say(type);
  await webhooks.read();
  await webhooks.deliver();
};

describe('createWebhookEndpoint', () => {
  test('answers the endpoint and, once, its secret', async () => {
    const made = await create({ events: ['benefit_grant.*', 'customer.updated'], description: 'CRM' });
    expect(made).toEqual({
      __typename: 'CreateWebhookEndpointPayload',
      endpoint: {
        id: expect.stringMatching(/^whe_/),
        url: receiver.url,
        events: ['benefit_grant.*', 'customer.updated'],
        enabled: true,
        description: 'CRM',
      },
      secret: expect.stringMatching(/^whsec_/),
    });
  });

  test('repeats the same answer under an idempotency key', async () => {
    const first = await create({ idempotencyKey: 'once' });
    expect(await create({ idempotencyKey: 'once' })).toEqual(first);
    expect(await api.prisma.webhookEndpoint.count()).toBe(1);
  });

  test.each([
    ['no URL', { url: 'here' }, ['url'], 'It is not a URL'],
    ['an empty URL', { url: '' }, ['url'], 'It is not a URL'],
    ['an invalid IDN host', { url: 'https://xn--a.example/' }, ['url'], 'is not a valid domain name'],
    ['a password', { url: 'https://a:b@example.com' }, ['url'], 'a password'],
    ['a private address', { url: 'http://10.0.0.1/' }, ['url'], 'not an address of the public internet'],
    ['a private address in disguise', { url: 'http://0xa000001/' }, ['url'], 'not an address of the public internet'],
    ['cloud metadata', { url: 'http://[::ffff:169.254.169.254]/' }, ['url'], 'not an address of the public internet'],
    ['no events', { events: [] }, ['events'], 'Name 1 to 50'],
    [
      'too many events',
      {
        events: Array.from({ length: 51 }, (_, n) =>
          `a.${String.fromCharCode(97 + (n % 26))}${'b'.repeat(n)}`.slice(0, 40),
        ),
      },
      ['events'],
      'Name 1 to 50',
    ],
    ['no type', { events: ['*', 'Benefit Grant'] }, ['events', '1'], 'no event type'],
    ['a pattern', { events: ['benefit*.created'] }, ['events', '0'], 'no event type'],
    ['a long description', { description: 'a'.repeat(501) }, ['description'], 'at most 500'],
    ['a NUL', { description: 'a\0' }, ['description'], 'well-formed'],
  ])('%s is a mistake that is named', async (_, some, path, message) => {
    expect(await create(some)).toMatchObject({
      __typename: 'InvalidInputError',
      path,
      message: expect.stringContaining(message),
    });
    expect(await api.prisma.webhookEndpoint.count()).toBe(0);
  });
});

test('an endpoint is changed, disabled, enabled, given a new secret and deleted', async () => {
  const { endpoint, secret } = await create();
  const { id } = endpoint;
  const SHOWN = 'endpoint { url events description enabled disabledBecause oldSecretUntil }';
  expect(
    await api.call('updateWebhookEndpoint', { id, events: ['customer.*'], description: 'New' }, SHOWN),
  ).toMatchObject({
    endpoint: { url: receiver.url, events: ['customer.*'], description: 'New' },
  });
  expect(await api.call('updateWebhookEndpoint', { id, description: null }, SHOWN)).toMatchObject({
    endpoint: { description: null },
  });
  for (const _ of [1, 2]) {
    expect(await api.call('disableWebhookEndpoint', { id }, SHOWN)).toMatchObject({
      endpoint: { enabled: false, disabledBecause: 'MERCHANT' },
    });
  }
  for (const _ of [1, 2]) {
    expect(await api.call('enableWebhookEndpoint', { id }, SHOWN)).toMatchObject({
      endpoint: { enabled: true, disabledBecause: null },
    });
  }
  const rotated = await api.call('rotateWebhookSecret', { id }, `secret ${SHOWN}`);
  expect(rotated).toMatchObject({
    secret: expect.stringMatching(/^whsec_/),
    endpoint: { oldSecretUntil: '2026-03-02T12:00:00.000Z' },
  });
  expect(rotated.secret).not.toBe(secret);
  expect(await api.call('deleteWebhookEndpoint', { id }, 'id')).toMatchObject({ id });
  expect(await api.call('deleteWebhookEndpoint', { id }, 'id')).toMatchObject({
    __typename: 'NotFoundError',
    path: ['id'],
  });
  expect((await api.events({ subjectId: id })).map((type) => type.replace('webhook_endpoint.', ''))).toEqual([
    'created',
    'updated',
    'updated',
    'disabled',
    'enabled',
    'secret_rotated',
    'deleted',
  ]);
});

test.each([
  ['url', { url: null }, 'InvalidInputError'],
  ['events', { events: null }, 'InvalidInputError'],
  ['url', { url: 'http://192.168.0.1' }, 'InvalidInputError'],
])('%s cannot be changed to %j', async (field, change, type) => {
  const { endpoint } = await create();
  expect(await api.call('updateWebhookEndpoint', { id: endpoint.id, ...change }, 'endpoint { id }')).toMatchObject({
    __typename: type,
    path: [field],
  });
});

test('deliveries are listed newest first with their attempts, by state, type and time', async () => {
  const { endpoint } = await create();
  await told('thing.made');
  api.passTime(60_000);
  await told('thing.broken');
  const DELIVERIES = `query($id: ID!, $filter: WebhookDeliveryFilter, $first: Int, $after: String) {
    webhookEndpoint(id: $id) {
      deliveryCounts { pending delivered failed }
      deliveries(filter: $filter, first: $first, after: $after) {
        totalCount
        edges { node { id state eventType eventId occurredAt deliveredAt body endpoint { id } attempts { status latencyMs response error startedAt } } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }`;
  const read = async (variables: object = {}) =>
    (await api.get(DELIVERIES, { id: endpoint.id, ...variables })).webhookEndpoint;
  const all = await read();
  expect(all.deliveryCounts).toEqual({ pending: 0, delivered: 2, failed: 0 });
  expect(all.deliveries.edges.map((edge: { node: object }) => edge.node)).toMatchObject([
    {
      state: 'DELIVERED',
      eventType: 'thing.broken',
      eventId: receiver.received[1]?.headers['webhook-id'],
      body: receiver.received[1]?.body.toString(),
      endpoint: { id: endpoint.id },
      attempts: [
        {
          status: 204,
          latencyMs: expect.any(Number),
          response: '',
          error: null,
          startedAt: '2026-03-01T12:01:00.000Z',
        },
      ],
    },
    { eventType: 'thing.made', occurredAt: '2026-03-01T12:00:00.000Z' },
  ]);
  const types = async (variables: object) =>
    (await read(variables)).deliveries.edges.map((edge: { node: { eventType: string } }) => edge.node.eventType);
  expect(await types({ filter: { type: 'thing.made' } })).toEqual(['thing.made']);
  expect(await types({ filter: { state: 'FAILED' } })).toEqual([]);
  expect(await types({ filter: { from: '2026-03-01T12:00:30Z' } })).toEqual(['thing.broken']);
  expect(await types({ filter: { to: '2026-03-01T12:00:30Z' } })).toEqual(['thing.made']);
  const page = await read({ first: 1 });
  expect(page.deliveries.pageInfo.hasNextPage).toBe(true);
  expect(await types({ first: 1, after: page.deliveries.pageInfo.endCursor })).toEqual(['thing.made']);
});

test('endpoints are listed newest first', async () => {
  const [a, b] = [await create(), await create()];
  const { webhookEndpoints } = await api.get(
    '{ webhookEndpoints { totalCount edges { node { id failures retryAt } } } }',
  );
  expect(webhookEndpoints).toMatchObject({
    totalCount: 2,
    edges: expect.arrayContaining([{ node: { id: a.endpoint.id, failures: 0, retryAt: null } }]),
  });
  expect(webhookEndpoints.edges.map((edge: { node: { id: string } }) => edge.node.id)).toContain(b.endpoint.id);
});

test('a test tells of something that never happened', async () => {
  const { endpoint } = await create({ events: ['benefit.deleted'] });
  const send = (type?: string, kind?: string) =>
    api.call('sendTestWebhook', { id: endpoint.id, type, kind }, 'delivery { state eventType body }');
  expect(await send()).toMatchObject({ delivery: { state: 'PENDING', eventType: 'benefit_grant.created' } });
  expect(await send('customer.state_changed')).toMatchObject({ delivery: { eventType: 'customer.state_changed' } });
  expect(await send('benefit.created', 'DISCORD')).toMatchObject({ delivery: { eventType: 'benefit.created' } });
  expect(await send('constructor')).toMatchObject({ __typename: 'InvalidInputError', path: ['type'] });
  await webhooks.deliver();
  expect(receiver.received.map(({ body }) => JSON.parse(body.toString()))).toMatchObject([
    { type: 'benefit_grant.created', test: true, data: { customer: { email: 'example@example.com' } } },
    { type: 'customer.state_changed', test: true },
    { type: 'benefit.created', test: true, data: { type: 'discord' } },
  ]);
  await api.transaction((tx) => endpoints.disable(tx, { organizationId: api.organizationId, id: endpoint.id }));
  expect(await send()).toMatchObject({ __typename: 'ConflictError', path: ['id'] });
});

test('a delivery is sent again', async () => {
  const { endpoint } = await create();
  await told();
  const [delivery] = await webhooks.deliveries(endpoint.id);
  expect(
    await api.call('redeliverWebhook', { deliveryId: delivery?.id }, 'count endpoint { deliveryCounts { pending } }'),
  ).toMatchObject({
    count: 1,
    endpoint: { deliveryCounts: { pending: 1 } },
  });
  expect(await api.call('redeliverWebhook', { endpointId: endpoint.id, failed: true }, 'count')).toMatchObject({
    count: 0,
  });
  expect(await api.call('redeliverWebhook', {}, 'count')).toMatchObject({ __typename: 'InvalidInputError' });
  await webhooks.deliver();
  expect(receiver.received).toHaveLength(2);
});

describe('who may', () => {
  const QUERY = '{ webhookEndpoints { edges { node { id } } } }';

  test('a token without the scope, a customer and a stranger may not', async () => {
    const { endpoint } = await create();
    for (const viewer of [merchant(api.organizationId, 'events:read'), customerViewer(api.organizationId, 'cus_1')]) {
      expect((await api.ask(QUERY, {}, viewer)).errors[0]?.extensions.code).toBe('FORBIDDEN');
    }
    expect((await api.ask(QUERY, {}, { is: 'anonymous' })).errors[0]?.extensions.code).toBe('UNAUTHENTICATED');
    const read = merchant(api.organizationId, 'webhooks:read');
    expect((await api.get(QUERY, {}, read)).webhookEndpoints.edges).toHaveLength(1);
    await expect(api.call('disableWebhookEndpoint', { id: endpoint.id }, 'endpoint { id }', read)).rejects.toThrow(
      'FORBIDDEN',
    );
  });

  test('another organization sees and changes nothing', async () => {
    const { endpoint } = await create();
    await told();
    const [delivery] = await webhooks.deliveries(endpoint.id);
    const stranger = merchant('org_other');
    expect(
      (await api.get('query($id: ID!) { webhookEndpoint(id: $id) { id } }', { id: endpoint.id }, stranger))
        .webhookEndpoint,
    ).toBeNull();
    for (const [name, input] of [
      ['updateWebhookEndpoint', { id: endpoint.id, description: 'x' }],
      ['deleteWebhookEndpoint', { id: endpoint.id }],
      ['enableWebhookEndpoint', { id: endpoint.id }],
      ['disableWebhookEndpoint', { id: endpoint.id }],
      ['rotateWebhookSecret', { id: endpoint.id }],
      ['sendTestWebhook', { id: endpoint.id }],
      ['redeliverWebhook', { deliveryId: delivery?.id }],
      ['redeliverWebhook', { endpointId: endpoint.id, failed: true }],
    ] as const) {
      expect(await api.call(name, input, '__typename', stranger)).toMatchObject({ __typename: 'NotFoundError' });
    }
  });
});
