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

/** A grant with the paid period of its subscription, if that is its source. */
export interface GrantRow extends Omit<BenefitGrant, HiddenColumn> {
  periodStart: Date | null;
  periodEnd: Date | null;
}

export type LicenseKeyStatus = 'GRANTED' | 'DISABLED' | 'REVOKED';

/** A license key with what its grant says about it. */
export interface LicenseKeyRow extends Omit<LicenseKey, HiddenColumn> {
  entitledUntil: Date | null;
  stoppedAt: Date | null;
}

/** A file with the version that is shown. */
export interface FileRow extends File, Pick<FileVersion, (typeof VERSION_COLUMNS)[number]> {}

interface Source {
  /** What is read of a row called `t`. */
  columns: string;
  /** The same without what few ask for. */
  lean: string;
  from: string;
  /** False where a row belongs to an organization only through another. */
  owned?: false;
}

/** Whoever names none of these fields anywhere is content with lean rows. */
export const RARE_FIELDS = ['attention', 'revokedAt', 'stopReason', 'updatedAt'] as const;

const RARE_COLUMNS = /^(attention|attempts|retryAt|revokedAt|stopReason|updatedAt)/;
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

function source(scalars: Record<string, string>, from: string, joined = ''): Source {
  const shown = Object.keys(scalars).filter((column) => !HIDDEN_COLUMNS.some((hidden) => hidden === column));
  const list = (columns: string[]) => columns.map((column) => `t."${column}"`).join(', ') + joined;
  return { columns: list(shown), lean: list(shown.filter((column) => !RARE_COLUMNS.test(column))), from };
}

/** Not a join: this is read for the rows of a page, and not for those that are only sorted. */
function ofSubscription(column: string, as: string): string {
  return `, (SELECT s."${column}" FROM "Subscription" s WHERE s.id = t."subscriptionId") AS "${as}"`;
}

export const SOURCES: { [Table in keyof Rows]: Source } = {
  Benefit: source(Prisma.BenefitScalarFieldEnum, '"Benefit" t'),
  BenefitGrant: source(
    Prisma.BenefitGrantScalarFieldEnum,
    '"BenefitGrant" t',
    ofSubscription('currentPeriodStart', 'periodStart') + ofSubscription('currentPeriodEnd', 'periodEnd'),
  ),
  CreditEntry: { ...source(Prisma.CreditEntryScalarFieldEnum, '"CreditEntry" t'), owned: false },
  Customer: source(Prisma.CustomerScalarFieldEnum, '"Customer" t'),
  Event: source(Prisma.EventScalarFieldEnum, '"Event" t'),
  File: source(
    Prisma.FileScalarFieldEnum,
    '"File" t JOIN "FileVersion" v ON v.id = t."currentId"',
    VERSION_COLUMNS.map((column) => `, v."${column}"`).join(''),
  ),
  LicenseActivation: { ...source(Prisma.LicenseActivationScalarFieldEnum, '"LicenseActivation" t'), owned: false },
  LicenseKey: source(
    Prisma.LicenseKeyScalarFieldEnum,
    '"LicenseKey" t JOIN "BenefitGrant" g ON g.id = t."grantId"',
    ', g."entitledUntil", g."stoppedAt"',
  ),
  Meter: source(Prisma.MeterScalarFieldEnum, '"Meter" t'),
  MeterBalance: { columns: BALANCE_COLUMNS, lean: BALANCE_COLUMNS, from: '"CreditBalance" t' },
  Product: source(Prisma.ProductScalarFieldEnum, '"Product" t'),
  Subscription: source(Prisma.SubscriptionScalarFieldEnum, '"Subscription" t'),
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
