import {
  type Benefit,
  type BenefitGrant,
  type Customer,
  type Event,
  type LicenseActivation,
  type LicenseKey,
  Prisma,
  type Product,
  type Subscription,
} from '../../../prisma/generated/client/client.ts';

/** What hot reads need of each table: its columns, by the names Prisma gives them. Secrets stay where they are. */
export interface Rows {
  Benefit: Benefit;
  BenefitGrant: BenefitGrant;
  Customer: Customer;
  Event: Event;
  LicenseActivation: LicenseActivation;
  LicenseKey: LicenseKeyRow;
  Product: Product;
  Subscription: Subscription;
}

export type LicenseKeyStatus = 'GRANTED' | 'DISABLED' | 'REVOKED';

/** A license key with what its grant says about it. */
export interface LicenseKeyRow extends LicenseKey {
  entitledUntil: Date | null;
  stoppedAt: Date | null;
}

interface Source {
  /** What is read of a row called `t`. */
  columns: string;
  from: string;
}

const columnsOf = (scalars: Record<string, string>): string =>
  Object.keys(scalars)
    .map((column) => `t."${column}"`)
    .join(', ');

export const SOURCES: { [Table in keyof Rows]: Source } = {
  Benefit: { columns: columnsOf(Prisma.BenefitScalarFieldEnum), from: '"Benefit" t' },
  BenefitGrant: { columns: columnsOf(Prisma.BenefitGrantScalarFieldEnum), from: '"BenefitGrant" t' },
  Customer: { columns: columnsOf(Prisma.CustomerScalarFieldEnum), from: '"Customer" t' },
  Event: { columns: columnsOf(Prisma.EventScalarFieldEnum), from: '"Event" t' },
  LicenseActivation: { columns: columnsOf(Prisma.LicenseActivationScalarFieldEnum), from: '"LicenseActivation" t' },
  LicenseKey: {
    columns: `${columnsOf(Prisma.LicenseKeyScalarFieldEnum)}, g."entitledUntil", g."stoppedAt"`,
    from: '"LicenseKey" t JOIN "BenefitGrant" g ON g.id = t."grantId"',
  },
  Product: { columns: columnsOf(Prisma.ProductScalarFieldEnum), from: '"Product" t' },
  Subscription: { columns: columnsOf(Prisma.SubscriptionScalarFieldEnum), from: '"Subscription" t' },
};
