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

/** What is read by prepared statements, under the names Prisma gives the columns. */
export interface Rows {
  Benefit: Benefit;
  BenefitGrant: GrantRow;
  Customer: Customer;
  Event: Event;
  LicenseActivation: LicenseActivation;
  LicenseKey: LicenseKeyRow;
  Product: Product;
  Subscription: Subscription;
}

/** A grant with the paid period of its subscription, if that is its source. */
export interface GrantRow extends BenefitGrant {
  periodStart: Date | null;
  periodEnd: Date | null;
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
  /** False where a row belongs to an organization only through another. */
  owned?: false;
}

const columnsOf = (scalars: Record<string, string>): string =>
  Object.keys(scalars)
    .map((column) => `t."${column}"`)
    .join(', ');

export const SOURCES: { [Table in keyof Rows]: Source } = {
  Benefit: { columns: columnsOf(Prisma.BenefitScalarFieldEnum), from: '"Benefit" t' },
  BenefitGrant: {
    columns: `${columnsOf(Prisma.BenefitGrantScalarFieldEnum)},
      s."currentPeriodStart" AS "periodStart", s."currentPeriodEnd" AS "periodEnd"`,
    from: '"BenefitGrant" t LEFT JOIN "Subscription" s ON s.id = t."subscriptionId"',
  },
  Customer: { columns: columnsOf(Prisma.CustomerScalarFieldEnum), from: '"Customer" t' },
  Event: { columns: columnsOf(Prisma.EventScalarFieldEnum), from: '"Event" t' },
  LicenseActivation: {
    columns: columnsOf(Prisma.LicenseActivationScalarFieldEnum),
    from: '"LicenseActivation" t',
    owned: false,
  },
  LicenseKey: {
    columns: `${columnsOf(Prisma.LicenseKeyScalarFieldEnum)}, g."entitledUntil", g."stoppedAt"`,
    from: '"LicenseKey" t JOIN "BenefitGrant" g ON g.id = t."grantId"',
  },
  Product: { columns: columnsOf(Prisma.ProductScalarFieldEnum), from: '"Product" t' },
  Subscription: { columns: columnsOf(Prisma.SubscriptionScalarFieldEnum), from: '"Subscription" t' },
};

/** Reads rows by their ids; another organization's are not found. */
export function rowsStatement(table: keyof Rows, ids: readonly string[], organizationId: string) {
  const { columns, from, owned = true } = SOURCES[table];
  return {
    name: `${table} by id`,
    text: `SELECT ${columns} FROM ${from} WHERE t.id = ANY($1)${owned ? ' AND t."organizationId" = $2' : ''}`,
    values: owned ? [ids, organizationId] : [ids],
  };
}
