import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as endpoints from '../../../src/domain/webhooks/endpoints.ts';
import { openSmtp, type Smtp } from '../../../src/providers/smtp.ts';
import { type House, openHouse } from '../../support/house.ts';
import { type Mailbox, openMailbox } from '../../support/mailbox.ts';
import { mailsOf } from '../../support/mails.ts';

let house: House;
let mailbox: Mailbox;
let smtp: Smtp;
let mails: ReturnType<typeof mailsOf>;

beforeAll(async () => {
  house = await openHouse();
  mailbox = await openMailbox();
  smtp = openSmtp({ url: mailbox.url, from: 'hello@acme.dev' });
  mails = mailsOf(house, smtp);
});
afterAll(async () => {
  await smtp[Symbol.asyncDispose]();
  await mailbox[Symbol.asyncDispose]();
  await house[Symbol.asyncDispose]();
});
beforeEach(() => {
  mailbox.received.length = 0;
});

describe('an endpoint that was disabled', () => {
  const disabled = (because: 'FAILING' | 'GONE' | 'MERCHANT') =>
    house.transaction(async (tx) => {
      const { organizationId } = house;
      const { endpoint } = await endpoints.create(tx, { organizationId, url: 'https://acme.dev/hooks', events: ['*'] });
      await endpoints.disable(tx, { organizationId, id: endpoint.id }, because);
    });

  test.each([
    ['FAILING', 'because it has not taken anything for days'],
    ['GONE', 'because it answered that it is gone (410)'],
  ] as const)('because it is %s is told to the support address, once', async (because, why) => {
    await mails.brand({ supportEmail: 'help@acme.dev' });
    await disabled(because);
    await mails.run();
    await mails.run();
    expect(mailbox.received.map(({ to }) => to)).toEqual([['help@acme.dev']]);
    expect(mailbox.received[0]?.mail.text).toContain(`Nothing is sent to https://acme.dev/hooks any more, ${why}.`);
    expect(mailbox.received[0]?.mail.from?.value[0]?.name).toBe('Boon');
  });

  test('is not told to who disabled it themselves, nor where there is no address', async () => {
    await disabled('MERCHANT');
    await mails.run();
    await mails.brand({ supportEmail: null });
    await disabled('FAILING');
    await mails.run();
    expect(mailbox.received).toEqual([]);
  });
});
