import { welcomeKey } from '../../src/domain/mails/occasions.ts';
import { newId } from '../../src/lib/id.ts';
import { insert } from '../../src/platform/rows.ts';
import type { Boon } from './boon.ts';

export interface Subscriber {
  customerId: string;
  subscriptionId: string;
}

/** Subscribers as their purchases would have left them, written directly: making them is not what is measured. */
export async function seedSubscribers(
  { database: { prisma }, organizationId }: Boon,
  productId: string,
  emails: readonly string[],
): Promise<Subscriber[]> {
  const now = new Date();
  const made = { organizationId, createdAt: now, updatedAt: now };
  const subscribers = emails.map((email) => ({
    email,
    customerId: newId('customer', now),
    subscriptionId: newId('subscription', now),
  }));
  await insert(
    prisma,
    'Customer',
    subscribers.map(({ customerId, email }) => ({ ...made, id: customerId, email })),
  );
  await insert(
    prisma,
    'Subscription',
    subscribers.map(({ customerId, subscriptionId }) => ({
      ...made,
      id: subscriptionId,
      customerId,
      productId,
      status: 'ACTIVE' as const,
      currentPeriodStart: now,
    })),
  );
  // They were welcomed when they subscribed.
  await insert(
    prisma,
    'Mail',
    subscribers.map(({ customerId, subscriptionId }) => ({
      ...made,
      id: newId('mail', now),
      customerId,
      occasion: 'welcome',
      key: welcomeKey(subscriptionId),
      subjectId: subscriptionId,
      about: {},
      state: 'KEPT',
      sendAt: now,
    })),
  );
  return subscribers;
}
