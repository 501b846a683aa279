import {
  type Benefit,
  type BenefitGrant,
  type CreditEntry,
  type Customer,
  type Event,
  type File,
  type FileVersion,
  type LicenseActivation,
  type LicenseKey,
  type Meter,
  Prisma,
  type Product,
  type Subscription,
} from '../../../prisma/generated/client/client.ts';
import { BALANCE_COLUMNS, type BalanceRow } from '../../domain/credits/rows.ts';

/** What is read by prepared statements, under the names Prisma gives the columns. */
export interface Rows {
  Benefit: Benefit;
  BenefitGrant: GrantRow;
  CreditEntry: CreditEntry;
  Customer: CustomerRow;
  Event: Event;
  File: FileRow;
  GrantTerms: TermsRow;
  LicenseActivation: LicenseActivation;
  LicenseKey: LicenseKeyRow;
  Meter: MeterRow;
  MeterBalance: BalanceRow;
  Product: Product;
  Subscription: SubscriptionRow;
}

/** What the API shows nobody, and does not read. */
type HiddenColumn = (typeof HIDDEN_COLUMNS)[number];

export type CustomerRow = Omit<Customer, HiddenColumn>;

export type MeterRow = Omit<Meter, HiddenColumn>;

export type SubscriptionRow = Omit<Subscription, HiddenColumn>;

export type GrantRow = Omit<BenefitGrant, HiddenColumn>;

/** What a kind is told about a grant, with the paid period of its subscription, if that is its source. */
export interface TermsRow extends Pick<BenefitGrant, (typeof TERMS_COLUMNS)[number]> {
  periodStart: Date | null;
  periodEnd: Date | null;
}

export type LicenseKeyRow = Omit<LicenseKey, HiddenColumn>;

/** A file with the version that is shown. */
export interface FileRow extends File, Pick<FileVersion, (typeof VERSION_COLUMNS)[number]> {}

interface Source {
  /** What is read of a row called `t`. */
  columns: string;
  /** The same without rare columns. */
  lean: string;
  from: string;
  /** False where a row belongs to an organization only through another. */
  owned?: false;
}

/**
 * Fields that are not asked for with every grant, and take time to read. Whoever names none of them anywhere is content
 * with rows that lack their columns; so nothing but the field of its name may look at such a column.
 */
export const RARE_FIELDS = [
  'attention',
  'createdAt',
  'fulfilledAt',
  'grantedAt',
  'metadata',
  'revokedAt',
  'stopReason',
  'updatedAt',
] as const;

/** Those of `attention`, and those that have their field's name. */
const isRare = (column: string): boolean =>
  /^(attention|attempts$|retryAt$)/.test(column) || RARE_FIELDS.some((field) => field === column);

/** Tables that are read often enough for that. */
const LEAN = new Set(['Benefit', 'BenefitGrant', 'Customer', 'LicenseKey']);

const HIDDEN_COLUMNS = [
  'activationsRequired',
  'appliedPeriod',
  'appliedVersion',
  'endReason',
  'endsAfter',
  'filledTo',
  'overrides',
  'reportedAt',
  'settleAt',
  'settlingUntil',
  'startsAfter',
] as const;

const TERMS_COLUMNS = [
  'id',
  'organizationId',
  'createdAt',
  'grantedAt',
  'fulfilledAt',
  'subscriptionId',
  'orderId',
  'manualGrantId',
] as const;

/** What of its current version is read along with a file. */
const VERSION_COLUMNS = [
  'contentType',
  'expectedSha256',
  'failure',
  'number',
  'sha256',
  'size',
  'status',
  'uploadId',
  'verifiedBytes',
] as const;

const list = (columns: readonly string[], of = 't') => columns.map((column) => `${of}."${column}"`).join(', ');

/** A table whose rows are shown as they are. */
function source(table: keyof Rows, scalars: Record<string, string>): Source {
  const shown = Object.keys(scalars).filter((column) => !HIDDEN_COLUMNS.some((hidden) => hidden === column));
  const lean = LEAN.has(table) ? shown.filter((column) => !isRare(column)) : shown;
  return { columns: list(shown), lean: list(lean), from: `"${table}" t` };
}

export const SOURCES: { [Table in keyof Rows]: Source } = {
  Benefit: source('Benefit', Prisma.BenefitScalarFieldEnum),
  BenefitGrant: source('BenefitGrant', Prisma.BenefitGrantScalarFieldEnum),
  CreditEntry: { ...source('CreditEntry', Prisma.CreditEntryScalarFieldEnum), owned: false },
  Customer: source('Customer', Prisma.CustomerScalarFieldEnum),
  Event: source('Event', Prisma.EventScalarFieldEnum),
  File: joined(
    `${list(Object.keys(Prisma.FileScalarFieldEnum))}, ${list(VERSION_COLUMNS, 'v')}`,
    '"File" t JOIN "FileVersion" v ON v.id = t."currentId"',
  ),
  GrantTerms: joined(
    `${list(TERMS_COLUMNS)}, s."currentPeriodStart" AS "periodStart", s."currentPeriodEnd" AS "periodEnd"`,
    '"BenefitGrant" t LEFT JOIN "Subscription" s ON s.id = t."subscriptionId"',
  ),
  LicenseActivation: { ...source('LicenseActivation', Prisma.LicenseActivationScalarFieldEnum), owned: false },
  LicenseKey: source('LicenseKey', Prisma.LicenseKeyScalarFieldEnum),
  Meter: source('Meter', Prisma.MeterScalarFieldEnum),
  MeterBalance: joined(BALANCE_COLUMNS, '"CreditBalance" t'),
  Product: source('Product', Prisma.ProductScalarFieldEnum),
  Subscription: source('Subscription', Prisma.SubscriptionScalarFieldEnum),
};

/** Rows of more than one table, or of another name. */
function joined(columns: string, from: string): Source {
  return { columns, lean: columns, from };
}

/** What is read of a table, and what that is called in the names of statements. */
export const columnsOf = (table: keyof Rows, lean: boolean): { columns: string; called: string } =>
  lean ? { columns: SOURCES[table].lean, called: 'lean ' } : { columns: SOURCES[table].columns, called: '' };

/** Reads rows by their ids; another organization's are not found. */
export function rowsStatement(table: keyof Rows, lean: boolean, ids: readonly string[], organizationId: string) {
  const { from, owned = true } = SOURCES[table];
  const { columns, called } = columnsOf(table, lean);
  return {
    name: `${called}${table} by id`,
    text: `SELECT ${columns} FROM ${from} WHERE t.id = ANY($1)${owned ? ' AND t."organizationId" = $2' : ''}`,
    values: owned ? [ids, organizationId] : [ids],
  };
}
