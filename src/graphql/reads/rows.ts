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
import { getDatamodel } from '../../../prisma/generated/pothos.ts';

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

const models = getDatamodel().datamodel.models as unknown as Record<
  string,
  { fields: { name: string; type: string }[] }
>;

/** Of each table, the columns that JSON has no type for: instants and bytes. */
const INSTANTS = namesOf('DateTime', ['periodStart', 'periodEnd', 'entitledUntil', 'stoppedAt']);
const BYTES = namesOf('Bytes', []);

/** A row that came as JSON, as it would have come by itself. */
export function revive<Table extends keyof Rows>(table: Table, row: Rows[Table]): Rows[Table] {
  const values = row as unknown as Record<string, unknown>;
  for (const name of INSTANTS[table]) if (values[name]) values[name] = new Date(values[name] as string);
  for (const name of BYTES[table])
    if (values[name]) values[name] = Buffer.from((values[name] as string).slice(2), 'hex');
  return row;
}

function namesOf(type: string, joined: readonly string[]): Record<keyof Rows, string[]> {
  const named = (table: string) =>
    models[table]?.fields.filter((field) => field.type === type).map((field) => field.name);
  return Object.fromEntries(
    Object.keys(SOURCES).map((table) => [table, [...new Set([...(named(table) ?? []), ...joined])]]),
  ) as never;
}

/** Reads rows by their ids; another organization's are not found. */
export function rowsStatement(table: keyof Rows, ids: readonly string[], organizationId: string) {
  const { columns, from, owned = true } = SOURCES[table];
  return {
    name: `${table} by id`,
    text: `SELECT ${columns} FROM ${from} WHERE t.id = ANY($1)${owned ? ' AND t."organizationId" = $2' : ''}`,
    values: owned ? [ids, organizationId] : [ids],
  };
}
