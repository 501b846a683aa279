import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mailsOf } from '../support/mails.ts';
import { type Api, merchant, openApi } from './api.ts';

let api: Api;
let mails: ReturnType<typeof mailsOf>;
let email: string;

beforeAll(async () => {
  api = await openApi();
  mails = mailsOf(api);
  const note = await api.benefit('custom', { note: 'Hello', fulfillment: 'AUTOMATIC' });
  const product = await api.product([note.id]);
  for (let index = 0; index < 3; index++) {
    const customer = await api.customer();
    email = customer.email;
    await api.call('createOrder', { customer: { id: customer.id }, productId: product.id }, 'order { id }');
    await api.settle(customer.id);
  }
  await mails.run();
});
afterAll(() => api[Symbol.asyncDispose]());

const LIST = `query($filter: MailFilter, $first: Int, $after: String) { mails(filter: $filter, first: $first, after: $after) {
  totalCount pageInfo { hasNextPage endCursor }
  edges { node { id occasion state recipient subject text html sendAt sentAt attempts answer resendOf customer { email } } } } }`;

describe('mails', () => {
  test('are listed with what they say and what became of them', async () => {
    const { mails } = await api.get(LIST, { filter: { customer: { email } } });
    expect(mails.edges).toHaveLength(1);
    expect(mails.edges[0].node).toMatchObject({
      occasion: 'WELCOME',
      state: 'KEPT',
      recipient: email,
      subject: 'A product is ready for you',
      sentAt: null,
      customer: { email },
    });
    expect(mails.edges[0].node.html).toContain('Hello');
  });

  test('come page by page, narrowed by state and occasion', async () => {
    const first = (await api.get(LIST, { filter: { state: 'KEPT', occasion: 'WELCOME' }, first: 2 })).mails;
    const after = first.pageInfo.endCursor;
    const second = (await api.get(LIST, { filter: { state: 'KEPT' }, first: 2, after })).mails;
    expect([first.totalCount, first.edges.length, second.edges.length]).toEqual([3, 2, 1]);
    expect((await api.get(LIST, { filter: { state: 'FAILED' } })).mails.totalCount).toBe(0);
  });

  test('are for merchants who may read customers', async () => {
    const other = merchant(api.organizationId, 'grants:read');
    expect((await api.ask(LIST, {}, other)).errors[0]?.extensions.code).toBe('FORBIDDEN');
    const { edges } = (await api.get(LIST)).mails;
    const document = 'query($id: ID!) { mail(id: $id) { id } }';
    expect((await api.get(document, edges[0].node)).mail.id).toBe(edges[0].node.id);
    expect((await api.get(document, edges[0].node, merchant('org_other'))).mail).toBeNull();
  });
});

describe('resendMail', () => {
  test('makes another copy, once per idempotency key', async () => {
    const { id } = (await api.get(LIST, { filter: { customer: { email } } })).mails.edges[0].node;
    const again = () => api.call('resendMail', { id, idempotencyKey: 'again' }, 'mail { id state resendOf recipient }');
    const { mail } = await again();
    expect(mail).toMatchObject({ state: 'QUEUED', resendOf: id, recipient: email });
    expect((await again()).mail.id).toBe(mail.id);
    await mails.run();
    expect((await api.get(LIST, { filter: { customer: { email } } })).mails.totalCount).toBe(2);
  });

  test('answers a mistake for what is not there', async () => {
    expect(await api.call('resendMail', { id: 'mai_none' }, 'mail { id }')).toMatchObject({
      code: 'NOT_FOUND',
      path: ['id'],
    });
  });
});

describe('updateOrganization', () => {
  const FIELDS = 'organization { replyTo logoUrl portalUrl mutedMails supportEmail }';
  const update = (input: object) => api.call('updateOrganization', input, FIELDS);

  test('brands mails', async () => {
    const branding = {
      replyTo: 'answers@acme.dev',
      logoUrl: 'https://acme.dev/logo.png',
      portalUrl: 'https://acme.dev/account',
      mutedMails: ['ACCESS_ENDING'],
    };
    expect((await update(branding)).organization).toMatchObject(branding);
    const cleared = { replyTo: null, logoUrl: null, portalUrl: null, mutedMails: [] };
    expect((await update(cleared)).organization).toMatchObject(cleared);
  });

  test.each([
    ['logoUrl', 'http://acme.dev/logo.png'],
    ['logoUrl', 'javascript:alert(1)'],
    ['logoUrl', 'data:image/png;base64,AAAA'],
    ['portalUrl', 'ftp://acme.dev'],
    ['portalUrl', 'https://user:password@acme.dev'],
    ['portalUrl', `https://acme.dev/${'x'.repeat(2_000)}`],
    ['replyTo', 'a@b.c, eve@evil.dev'],
    ['replyTo', 'a@b.c\r\nBcc: eve@evil.dev'],
  ])('refuses the %s %j', async (field, value) => {
    expect(await update({ [field]: value })).toMatchObject({ code: 'INVALID_INPUT', path: [field] });
  });
});
