import { z } from 'zod';
import { after, DAY_MS } from '../../lib/time.ts';
import { defineKind, type Order } from '../kind.ts';
import { done, needsMerchant } from '../outcome.ts';

const NOTE_CHARACTERS = 10_000;
const DUE_DAYS_LIMIT = 365;

/** What a note may speak of. A variable without a value is left out. */
const VARIABLES: Record<string, (order: Order<unknown, unknown>) => string | null> = {
  'customer.name': ({ customer }) => escapeMarkdown(customer.name),
  'customer.email': ({ customer }) => escapeMarkdown(customer.email),
  'customer.id': ({ customer }) => customer.id,
  'customer.externalId': ({ customer }) => escapeMarkdown(customer.externalId),
  'benefit.description': ({ benefit }) => benefit.description,
  'grant.id': ({ grant }) => grant.id,
  'order.id': ({ source }) => (source.type === 'order' ? source.id : null),
  'subscription.id': ({ source }) => (source.type === 'subscription' ? source.id : null),
};

const VARIABLE = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** A note to the customer, and perhaps something the merchant does by hand. */
export default defineKind({
  type: 'custom',
  name: 'Custom',
  description: 'A note to the customer, with something the merchant does by hand where that is asked for.',
  properties: z.object({
    note: z
      .string()
      .max(NOTE_CHARACTERS)
      .superRefine((note, context) => {
        for (const [, name = ''] of note.matchAll(VARIABLE)) {
          if (Object.hasOwn(VARIABLES, name)) continue;
          context.addIssue({
            code: 'custom',
            message: `There is no variable ${name}; there are ${Object.keys(VARIABLES).join(', ')}.`,
          });
        }
      })
      .nullish()
      .meta({ description: 'Markdown of at most 10,000 characters, with variables such as `{{customer.name}}`.' }),
    fulfillment: z
      .enum(['AUTOMATIC', 'MANUAL'])
      .meta({
        id: 'CustomFulfillment',
        description: 'When a note is delivered.',
        values: { AUTOMATIC: 'At once.', MANUAL: 'When the merchant marks the grant fulfilled.' },
      })
      .default('AUTOMATIC'),
    dueDays: z
      .int()
      .min(0)
      .max(DUE_DAYS_LIMIT)
      .nullish()
      .meta({ description: 'Within how many days of the promise a MANUAL benefit is to be fulfilled.' }),
  }),
  example: {
    description: 'Priority support via email',
    properties: {
      note: 'Hello {{customer.name}}, write to support@example.com and name {{grant.id}} for priority support.',
    },
    held: { deliveredAt: '2026-01-01T00:00:00.000Z' },
  },
  held: z.object({ deliveredAt: z.string() }),
  delivers: z.object({
    note: z.string().nullable().meta({ description: 'The note in Markdown, with its variables filled in.' }),
    fulfilledAt: z
      .date()
      .nullable()
      .meta({ description: 'When the merchant marked it fulfilled; null when nothing had to be done by hand.' }),
  }),
  keep: {
    where: 'rows',
    deliver: async (_tx, orders) => orders.map(tellNote),
    withdraw: async (_tx, orders) => orders.map(({ held }) => done(held)),
  },
  deliveries: {
    from: 'orders',
    tell: async (_means, orders) =>
      orders.map((order) => ({ note: fill(order), fulfilledAt: order.grant.fulfilledAt })),
  },
  instructions: (order) => fill(order) ?? `You have been granted **${order.benefit.description}**.`,
  wire: {
    properties: ({ note }) => ({ note: note ?? null }),
    grant: () => ({}),
  },
});

type Note = { fulfillment: 'AUTOMATIC' | 'MANUAL'; dueDays?: number | null | undefined };

function tellNote({ grant, properties, held, now }: Order<Note, { deliveredAt: string } | null>) {
  if (properties.fulfillment === 'MANUAL' && !grant.fulfilledAt && !held) {
    const { dueDays } = properties;
    const due = dueDays === null || dueDays === undefined ? null : after(grant.createdAt, dueDays * DAY_MS);
    const until = due ? ` It is due by ${due.toISOString().slice(0, 10)}.` : '';
    return needsMerchant<{ deliveredAt: string }>(
      'FULFILL',
      `Do what was promised, then mark the grant fulfilled.${until}`,
    );
  }
  return done(held ?? { deliveredAt: now.toISOString() });
}

function fill(order: Order<{ note?: string | null }, unknown>): string | null {
  const { note } = order.properties;
  return note?.replace(VARIABLE, (_, name: string) => VARIABLES[name]?.(order) ?? '') ?? null;
}

/** Ordinary names and addresses mean nothing in Markdown: they stay as they are, and readable in plain text. */
const NAME = /^\p{L}([\p{L}\p{M}\p{N} '’,-]|\.(?= |$|\p{Lu}\.))*$/u;
const ADDRESS = /^[a-z0-9][a-z0-9.+-]*@[a-z0-9.-]+$/;

/** What customers call themselves is data: it must not become markup in their merchant's words. */
function escapeMarkdown(text: string | null): string {
  const line = (text ?? '').replace(/\s+/g, ' ');
  return NAME.test(line) || ADDRESS.test(line) ? line : line.replace(/[!-/:-@[-`{-~]/g, '\\$&');
}
