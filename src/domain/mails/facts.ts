import type { Mail, Organization } from '../../../prisma/generated/client/client.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import { type LoadedCustomer, load } from '../grants/facts.ts';
import type { Occasion } from './occasions.ts';

/** A mail to a customer, with all that decides what it says, and whether. */
export interface CustomerMail {
  mail: Mail & { occasion: Occasion };
  organization: Organization;
  customer: LoadedCustomer;
  /** What was bought, if it was. */
  productName: string | null;
  /** The welcomes of this customer: what they tell needs no telling again. */
  welcomes: readonly Welcome[];
}

export type Welcome = Pick<Mail, 'subjectId' | 'state' | 'about' | 'composedAt'>;

export async function loadCustomerMail(tx: Tx, mail: Mail, customerId: string): Promise<CustomerMail> {
  const organization = await tx.db.organization.findUniqueOrThrow({ where: { id: mail.organizationId } });
  const welcomes = await tx.db.mail.findMany({
    where: { customerId, occasion: 'welcome', resendOf: null },
    select: { subjectId: true, state: true, about: true, composedAt: true },
  });
  return {
    mail: mail as CustomerMail['mail'],
    organization,
    customer: await load(tx, customerId),
    productName: await productOf(tx, mail.subjectId ?? ''),
    welcomes,
  };
}

async function productOf({ db }: Tx, id: string): Promise<string | null> {
  const query = { where: { id }, select: { product: { select: { name: true } } } } as const;
  const source = (await db.subscription.findUnique(query)) ?? (await db.order.findUnique(query));
  return source?.product.name ?? null;
}
