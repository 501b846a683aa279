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
  /** The same without what only fields look at that are asked for now and then, and the names of these. */
  lean: string;
  rare: readonly string[];
  from: string;
  /** False where a row belongs to an organization only through another. */
  owned?: false;
}

/**
 * What is always read of the tables that are read most: what every list shows, and what rights and kinds are told by. All
 * other columns are read where a field is asked for that looks at them: one of its name, unless others are named here.
 * Nothing else may look at them.
 */
const LEAN: { [Table in keyof Rows]?: { always: readonly string[]; fields?: Record<string, readonly string[]> } } = {
  Benefit: { always: ['id', 'type', 'description', 'properties', 'deletedAt'] },
  BenefitGrant: {
    always: ['id', 'customerId', 'benefitId', 'state', 'position', 'entitledUntil', 'stoppedAt', 'held'],
    fields: {
      attentionCode: ['attention'],
      attentionMessage: ['attention'],
      attentionActor: ['attention'],
      attempts: ['attention'],
      retryAt: ['attention'],
      subscriptionId: ['source'],
      orderId: ['source'],
      manualGrantId: ['source'],
    },
  },
  Customer: {
    always: ['id', 'externalId', 'email', 'name'],
    fields: { organizationId: ['organization'] },
  },
  LicenseKey: {
    always: ['id', 'customerId', 'displayKey', 'sealed'],
    fields: { grantId: ['status'], customerAdmin: ['customerAdmin', 'activations'] },
  },
};

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
  const { always = shown, fields = {} } = LEAN[table] ?? {};
  const rare = shown.filter((column) => !always.includes(column));
  return {
    columns: list(shown),
    lean: list(always),
    rare: [...new Set(rare.flatMap((column) => fields[column] ?? [column]))],
    from: `"${table}" t`,
  };
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
  return { columns, lean: columns, rare: [], from };
}

/** What is read of a table, and what that is called in the names of statements. */
export function columnsOf(table: keyof Rows, asks: Asks): { columns: string; called: string } {
  const { columns, lean, rare } = SOURCES[table];
  return rare.some(asks) ? { columns, called: '' } : { columns: lean, called: 'lean ' };
}

/** Whether a field of this name is asked for, anywhere. */
export type Asks = (field: string) => boolean;

/** Reads rows by their ids; another organization's are not found. */
export function rowsStatement(table: keyof Rows, asks: Asks, organizationId: string) {
  const { from, owned = true } = SOURCES[table];
  const { columns, called } = columnsOf(table, asks);
  return {
    name: `${called}${table} by id`,
    text: `SELECT ${columns} FROM ${from} WHERE t.id = ANY($1)${owned ? ' AND t."organizationId" = $2' : ''}`,
    others: owned ? [organizationId] : [],
  };
}
