import type {
  AccessToken,
  AttentionActor,
  Benefit,
  CreditEntry,
  CreditEntryType,
  CreditHold,
  CreditHoldState,
  CreditThreshold,
  Event,
  FileStatus,
  GrantState,
  Integration,
  LicenseActivation,
  Mail,
  MailState,
  ManualGrant,
  MeterAggregation,
  Order,
  OrderStatus,
  Organization,
  Product,
  Provider,
  Refund,
  RefundStatus,
  SubscriptionStatus,
  UsageEvent,
  WebhookAttempt,
  WebhookDelivery,
  WebhookDeliveryState,
  WebhookDisabling,
} from '../../prisma/generated/client/client.ts';
import type { BalanceRow } from '../domain/credits/rows.ts';
import type { CustomerBy } from '../domain/customers.ts';
import type { Uploading } from '../domain/files/uploads.ts';
import type { Answer } from '../domain/licenses/validation.ts';
import type { Occasion } from '../domain/mails/occasions.ts';
import type { Conjunction, Operator } from '../domain/meters/filter.ts';
import type { Interval } from '../domain/meters/quantities.ts';
import type { ReportedStatus } from '../domain/subscriptions/decisions.ts';
import type { Endpoint } from '../domain/webhooks/endpoints.ts';
import type { BrokenRule } from '../lib/errors.ts';
import type { Connection } from './page.ts';
import type { AccountRow } from './reads/accounts.ts';
import type { CustomerRow, FileRow, GrantRow, LicenseKeyRow, MeterRow, SubscriptionRow } from './reads/rows.ts';

/** How many webhook deliveries are in which state. */
type DeliveryCounts = ReadonlyMap<WebhookDeliveryState, number>;

/** What the resolvers of each type are given. */
interface Nouns {
  AccessToken: AccessToken;
  BenefitGrant: GrantRow;
  CreditEntry: CreditEntry;
  Customer: CustomerRow;
  CustomerSubscription: SubscriptionRow;
  Event: Event;
  File: FileRow;
  Integration: Integration;
  LicenseActivation: LicenseActivation;
  LicenseKey: LicenseKeyRow;
  LinkedAccount: AccountRow;
  Mail: Mail;
  ManualGrant: ManualGrant;
  Meter: MeterRow;
  Order: Order;
  Organization: Organization;
  Product: Product;
  Refund: Refund;
  UsageEvent: UsageEvent;
  WebhookDelivery: WebhookDelivery;
  WebhookEndpoint: Endpoint;
}

/** Types that are listed page by page: each has its `…Connection`. */
interface Listed extends Nouns, Interfaces {}

export type ListedName = keyof Listed;

export type Objects = Nouns & {
  FileUpload: Uploading;
  CreditHold: CreditHold;
  CreditThreshold: CreditThreshold;
  MeterBalance: BalanceRow;
  WebhookAttempt: WebhookAttempt;
  WebhookDeliveryCounts: DeliveryCounts;
} & {
  [Name in keyof Listed as `${Name}Connection`]: Connection<Listed[Name]>;
};

export interface Interfaces {
  Benefit: Benefit;
  Node: { id: string };
  UserError: BrokenRule;
}

export interface Inputs {
  CustomerBy: CustomerBy;
  /** One kind's properties under its key; the kinds know more. */
  BenefitPropertiesInput: Record<string, unknown>;
  MeterFilterInput: MeterFilterInput;
}

interface MeterFilterInput {
  property?: string | null;
  operator?: Operator | null;
  value?: unknown;
  conjunction?: Conjunction | null;
  clauses?: MeterFilterInput[] | null;
}

/** A name that is read and written alike. */
interface Enum<Value> {
  Input: Value;
  Output: Value;
}

export type Enums = {
  AccountProvider: Enum<Provider>;
  AttentionActor: Enum<AttentionActor>;
  BenefitType: Enum<string>;
  CreditEntryType: Enum<CreditEntryType>;
  CreditHoldState: Enum<CreditHoldState>;
  FileStatus: Enum<FileStatus>;
  GrantState: Enum<GrantState>;
  LicenseKeyStatus: Enum<'GRANTED' | 'DISABLED' | 'REVOKED'>;
  LicenseKeySwitch: Enum<'GRANTED' | 'DISABLED'>;
  LicenseValidationCode: Enum<Answer['code']>;
  MailOccasion: Enum<Occasion>;
  MailState: Enum<MailState>;
  MeterFilterConjunction: Enum<Conjunction>;
  MeterFilterOperator: Enum<Operator>;
  MeterFunction: Enum<MeterAggregation>;
  MeterInterval: Enum<Interval>;
  NewSubscriptionStatus: Enum<'TRIALING' | 'ACTIVE' | 'INCOMPLETE'>;
  OrderStatus: Enum<OrderStatus>;
  RefundStatus: Enum<RefundStatus>;
  ReportedSubscriptionStatus: Enum<ReportedStatus>;
  SubscriptionStatus: Enum<SubscriptionStatus>;
  WebhookDeliveryState: Enum<WebhookDeliveryState>;
  WebhookDisabling: Enum<WebhookDisabling>;
};
