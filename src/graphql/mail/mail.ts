import type { Builder } from '../builder.ts';
import { defineConnection } from '../connection.ts';

/** What was written to whom, about what, and what became of it. */
export function defineMail(builder: Builder): void {
  builder.enumType('MailOccasion', { description: 'What a mail is about.', values: OCCASIONS });
  builder.enumType('MailState', { description: 'What became of a mail.', values: STATES });

  builder.prismaObject('Mail', {
    description: 'A mail about one occasion, to a customer or to the support address of the organization.',
    select: { id: true },
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id; the Message-ID it is sent with is made from it.' }),
      occasion: t.field({
        type: 'MailOccasion',
        description: 'What it is about.',
        select: { occasion: true },
        resolve: ({ occasion }) => occasion as never,
      }),
      state: t.expose('state', { type: 'MailState', description: 'What became of it.' }),
      customer: t.field({
        type: 'Customer',
        nullable: true,
        description: 'To whom; null for one to the organization itself.',
        select: { customerId: true },
        resolve: ({ customerId }, _args, { loaders }) => (customerId ? loaders.row('Customer', customerId) : null),
      }),
      recipient: t.exposeString('recipient', {
        nullable: true,
        description: 'The address it goes to; null until it is written.',
      }),
      subject: t.exposeString('subject', { nullable: true, description: 'Its subject; null until it is written.' }),
      text: t.exposeString('text', { nullable: true, description: 'What it says, as plain text.' }),
      html: t.exposeString('html', {
        nullable: true,
        description: 'The same as a page. Show it in a sandboxed frame.',
      }),
      sendAt: t.expose('sendAt', { type: 'DateTime', description: 'When it is due, or tried next.' }),
      sentAt: t.expose('sentAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When the mail server had taken it.',
      }),
      attempts: t.exposeInt('attempts', { description: 'How often a mail server was asked to take it.' }),
      answer: t.exposeString('answer', {
        nullable: true,
        description: 'What the mail server said last, or why it was not sent.',
      }),
      resendOf: t.exposeID('resendOf', { nullable: true, description: 'The mail of which this is another copy.' }),
      createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was planned.' }),
    }),
  });
  defineConnection(builder, 'Mail', 'mails');
}

const OCCASIONS = {
  WELCOME: { value: 'welcome', description: 'Something was bought or given: what it is and how to use it.' },
  ACTION_NEEDED: {
    value: 'action_needed',
    description: 'The customer must do something before a benefit can be given.',
  },
  ACCESS_ENDING: { value: 'access_ending', description: 'Access ends, in 7 days or in 1.' },
  ACCESS_REMOVED: { value: 'access_removed', description: 'Access has ended.' },
  CREDITS_LOW: { value: 'credits_low', description: 'Credits have reached a level the merchant set.' },
  ENDPOINT_DISABLED: {
    value: 'endpoint_disabled',
    description: 'A webhook endpoint was disabled, because it failed. Goes to the support address.',
  },
};

const STATES = {
  PLANNED: { description: 'Not due yet, or waiting for what it is about to settle.' },
  QUEUED: { description: 'Written, and being sent.' },
  SENT: { description: 'Taken by the mail server.' },
  KEPT: { description: 'Written and kept: no mail server is configured, or the address can reach nobody.' },
  FAILED: { description: 'Refused by the mail server, or given up after three days.' },
  CANCELED: { description: 'There was nothing to say any more.' },
};
