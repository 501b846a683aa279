import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseProperties } from '../../../src/benefits/catalog.ts';
import type { Order } from '../../../src/benefits/kind.ts';
import custom from '../../../src/benefits/kinds/custom.ts';
import { renderMarkdown } from '../../../src/lib/markdown.ts';
import { DAY_MS } from '../../../src/lib/time.ts';
import { type House, openHouse } from '../../support/house.ts';
import { type Merchant, merchantOf } from '../../support/merchant.ts';
import { exercise } from '../exercise.ts';

exercise(custom);

let house: House;
let merchant: Merchant;
beforeAll(async () => {
  house = await openHouse({ kinds: [custom] });
  merchant = merchantOf(house);
});
afterAll(() => house[Symbol.asyncDispose]());

const parse = (properties: unknown) =>
  house.transaction((tx) =>
    parseProperties(tx, custom, { organizationId: house.organizationId, properties }, house.means),
  );

type CustomerFacts = Partial<Order<unknown, unknown>['customer']>;

/** What somebody is told whose merchant wrote this note. */
const told = (
  note: string | undefined,
  customer: CustomerFacts = {},
  source: Order<unknown, unknown>['source'] = { type: 'order', id: 'ord_1' },
) =>
  custom.instructions({
    grant: { id: 'grt_1', organizationId: 'org_1', createdAt: new Date(0), grantedAt: null, fulfilledAt: null },
    source,
    customer: { id: 'cus_1', externalId: 'user_1', email: 'ada@example.com', name: 'Ada', ...customer },
    benefit: { id: 'ben_1', description: 'Priority support' },
    properties: note === undefined ? {} : { note },
    account: null,
    held: null,
    period: null,
    reason: 'deliver',
    now: new Date(0),
  });

/** The words of a page, without their markup. */
const words = (markdown: string) =>
  renderMarkdown(markdown)
    .html.replace(/<[^>]*>/g, '')

    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .trim();

describe('a note', () => {
  test('says what its variables stand for', () => {
    const note = '{{customer.name}} {{ customer.id }} {{grant.id}} {{order.id}} {{benefit.description}}';
    expect(told(note)).toBe('Ada cus_1 grt_1 ord_1 Priority support');
    expect(told('{{subscription.id}}', {}, { type: 'subscription', id: 'sub_1' })).toBe('sub_1');
    expect(told('{{customer.email}}')).toBe('ada@example.com');
    expect(words(told('{{customer.externalId}}'))).toBe('user_1');
  });

  test('leaves out what has no value', () => {
    expect(told('Hello {{customer.name}}{{customer.externalId}}!', { name: null, externalId: null })).toBe('Hello !');
    expect(told('{{order.id}}{{subscription.id}}', {}, { type: 'manual', id: 'man_1' })).toBe('');
  });

  test('keeps its own markup', () => {
    expect(renderMarkdown(told('**Hello** {{customer.name}}')).html).toContain('<strong>Hello</strong> Ada');
  });

  test('may be missing', () => {
    expect(told(undefined)).toBe('You have been granted **Priority support**.');
  });

  test.each([
    '{{customer.password}}',
    '{{name}}',
    '{{}}',
    '{{toString}}',
    '{{constructor}}',
    '{{__proto__}}',
    '{{customer}}',
    '{{Customer.Name}}',
  ])('with %s, which is no variable, is refused', async (note) => {
    await expect(parse({ note })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      path: ['note'],
      message: expect.stringContaining('customer.name'),
    });
  });

  test('may have 10,000 characters and no more', async () => {
    await expect(parse({ note: 'x'.repeat(10_000) })).resolves.toBeTruthy();
    await expect(parse({ note: 'x'.repeat(10_001) })).rejects.toMatchObject({ code: 'INVALID_INPUT', path: ['note'] });
  });
});

describe('what customers call themselves', () => {
  test.each(['Ada Lovelace', 'J.R.R. Tolkien', "Anne-Marie O'Brien, Jr.", '王秀英', 'Zoë', 'agent007'])(
    'as %j stays as it is',
    (name) => {
      expect(told('{{customer.name}}', { name })).toBe(name);
    },
  );

  test.each([
    '<script>alert(1)</script>',
    '**bold**',
    '[click](https://evil.example)',
    '![x](https://evil.example/x.png)',
    '`code`',
    '# Title',
    '1. one',
    '- item',
    '+ item',
    '> quote',
    '===',
    '---',
    '~~gone~~',
    'https://evil.example/?a=b',
    'www.evil.example',
    'Eve <eve@evil.example>',
    'evil.com',
    'A.evil.com',
    '&lt;b&gt; &amp; &#x41;',
    '{{customer.email}}',
    '\\*',
    '| a | b |',
    'line\n\n# Title',
    '    code',
  ])('as %j is text and nothing else', (name) => {
    for (const note of ['{{customer.name}}', 'Hello\n{{customer.name}}', 'Hello {{customer.name}}, welcome']) {
      const html = renderMarkdown(told(note, { name })).html;
      expect(html).toMatch(/^<p>[^<]*<\/p>$/);
      expect(words(told(note, { name })).replace(/\s+/g, ' ')).toBe(
        note.replace('{{customer.name}}', name).replace(/\s+/g, ' ').trim(),
      );
    }
  });

  test('whatever it is, is text and nothing else', () => {
    const characters = fc.constantFrom(...'\\`*_{}[]()#+-.!|<>~&:=@/"\'$%^,;? \n\tab1');
    fc.assert(
      fc.property(fc.string({ unit: characters, maxLength: 20 }), (name) => {
        expect(renderMarkdown(told('Dear {{customer.name}}.', { name })).html).toMatch(/^<p>[^<]*<\/p>$/);
      }),
    );
  });
});

describe('what is fulfilled by hand', () => {
  test('waits, with the day it is due, until the merchant marks it done', async () => {
    const benefit = await house.benefit(
      'custom',
      await parse({ note: 'We will call you.', fulfillment: 'MANUAL', dueDays: 3 }),
    );
    const { customer } = await merchant.subscriber([benefit.id]);
    await house.settle(customer.id);
    const [grant] = await house.grants(customer.id);
    expect(grant).toMatchObject({
      state: 'CREATED',
      attentionCode: 'FULFILL',
      attentionActor: 'MERCHANT',
      retryAt: null,
    });
    expect(grant?.attentionMessage).toContain('2026-03-04');
    house.passTime(DAY_MS);
    await merchant.fulfill(grant?.id ?? '');
    await house.settle(customer.id);
    expect((await house.grants(customer.id))[0]).toMatchObject({
      state: 'ACTIVE',
      attentionCode: null,
      fulfilledAt: house.time.now,
    });
  });

  test('is not asked for again when it is granted again', async () => {
    const benefit = await house.benefit('custom', await parse({ fulfillment: 'MANUAL' }));
    const { customer, subscription } = await merchant.subscriber([benefit.id]);
    await house.settle(customer.id);
    await merchant.fulfill((await house.grants(customer.id))[0]?.id ?? '');
    await house.settle(customer.id);
    await merchant.report(subscription.id, { status: 'PAUSED' });
    await house.settle(customer.id);
    await merchant.report(subscription.id, { status: 'ACTIVE' });
    await house.settle(customer.id);
    expect((await house.grants(customer.id))[0]).toMatchObject({ state: 'ACTIVE', attentionCode: null });
  });

  test.each<[what: string, properties: object, path: string]>([
    ['on another way', { fulfillment: 'LATER' }, 'fulfillment'],
    ['before it was promised', { fulfillment: 'MANUAL', dueDays: -1 }, 'dueDays'],
    ['in more than a year', { fulfillment: 'MANUAL', dueDays: 366 }, 'dueDays'],
    ['in half a day', { fulfillment: 'MANUAL', dueDays: 0.5 }, 'dueDays'],
  ])('%s is refused', async (_, properties, path) => {
    await expect(parse(properties)).rejects.toMatchObject({ code: 'INVALID_INPUT', path: [path] });
  });
});
