import type { Kind } from '../benefits/kind.ts';
import { typeValueOf } from './benefit/kinds.ts';
import type { Builder } from './builder.ts';

/** Every enum of the API, value by value. Those of single kinds come from the kinds. */
export function defineEnums(builder: Builder, kinds: readonly Kind[]): void {
  const enumeration = (name: string, description: string, values: Record<string, string>) =>
    builder.enumType(name, {
      description,
      values: Object.fromEntries(Object.entries(values).map(([value, text]) => [value, { description: text }])),
    });

  builder.enumType('BenefitType', {
    description: 'The kinds of benefits there are.',
    values: Object.fromEntries(
      kinds.map((kind) => [typeValueOf(kind), { value: kind.type, description: kind.description }]),
    ),
  });
  enumeration('GrantState', 'How far a grant has come.', {
    CREATED: 'Promised, not yet delivered.',
    ACTIVE: 'Delivered. Stays so until the access is really gone.',
    REVOKED: 'The access is gone.',
  });
  enumeration('AttentionActor', 'Who must act before a grant can go on.', {
    CUSTOMER: 'The customer, for instance by linking an account.',
    MERCHANT: 'The merchant, for instance by mending a configuration.',
    SYSTEM: 'Nobody: it is tried again by itself.',
  });
  enumeration('CreditEntryType', 'What happened to credits.', {
    CREDITED: 'They were given.',
    USED: 'They were used.',
    EXPIRED: 'They ended unused.',
    CARRIED: 'What a period had left was carried over.',
    WITHDRAWN: 'They were taken back with their grant, or came back with it.',
    ADJUSTED: 'The merchant corrected them.',
  });
  enumeration('CreditHoldState', 'Whether a hold still stands.', {
    OPEN: 'It stands.',
    COMMITTED: 'It was used.',
    RELEASED: 'It was freed.',
    EXPIRED: 'It lapsed.',
  });
  enumeration('SubscriptionStatus', 'What the billing system says about a subscription.', {
    INCOMPLETE: 'Not paid for yet; nothing is promised.',
    TRIALING: 'In its trial; entitled.',
    ACTIVE: 'Paid; entitled, also while it is going to be cancelled at the end of the period.',
    PAST_DUE: 'A payment is late; entitled within the grace days of the organization.',
    UNPAID: 'Not paid; not entitled.',
    PAUSED: 'Paused; not entitled.',
    CANCELED: 'Ended by a cancellation. Final.',
    REVOKED: 'Ended at once by the merchant. Final.',
  });
  enumeration('NewSubscriptionStatus', 'What a subscription can begin as.', {
    TRIALING: 'In its trial; entitled.',
    ACTIVE: 'Paid; entitled.',
    INCOMPLETE: 'Not paid for yet; nothing is promised until a report says so.',
  });
  enumeration(
    'ReportedSubscriptionStatus',
    'What a billing system can report. To end a subscription, cancel or revoke it.',
    {
      INCOMPLETE: 'Not paid for yet.',
      TRIALING: 'In its trial.',
      ACTIVE: 'Paid.',
      PAST_DUE: 'A payment is late; the grace days begin.',
      UNPAID: 'Not paid.',
      PAUSED: 'Paused.',
    },
  );
  enumeration('OrderStatus', 'Whether an order still stands.', {
    PAID: 'Paid; entitled for good.',
    PARTIALLY_REFUNDED: 'Part of it was paid back; entitled unless the refund said otherwise.',
    REFUNDED: 'All of it was paid back.',
  });
  enumeration('RefundStatus', 'What became of a refund.', {
    SUCCEEDED: 'The money went back.',
    FAILED: 'It did not; what the refund withdrew is given back.',
  });
  enumeration('LicenseKeyStatus', 'Whether a license key may be used at all.', {
    GRANTED: 'It may, within its limits.',
    DISABLED: 'The merchant has switched it off.',
    REVOKED: 'Its grant is over.',
  });
  enumeration('LicenseKeySwitch', 'What a merchant can switch a license key to. To revoke it, revoke its grant.', {
    GRANTED: 'It may be used, within its limits.',
    DISABLED: 'It may not.',
  });
  enumeration('MeterFunction', 'What a meter does with what it counts.', {
    COUNT: 'Counts events. Adds up, so credits can be used by it.',
    SUM: 'Adds the numbers up. Credits can be used by it.',
    MAX: 'Takes the greatest number.',
    MIN: 'Takes the least number.',
    AVG: 'Takes the mean of the numbers.',
    UNIQUE: 'Counts how many different values there are.',
  });
  enumeration('MeterFilterOperator', 'How a property is held against a value of the same type.', {
    EQ: 'It is the same.',
    NE: 'It is there and another one.',
    GT: 'It is greater.',
    GTE: 'It is greater or the same.',
    LT: 'It is less.',
    LTE: 'It is less or the same.',
    LIKE: 'The text contains the value; with `%`, which stands for anything, it is like the value from end to end.',
    NOT_LIKE: 'It is text and not like that.',
  });
  enumeration('MeterFilterConjunction', 'How filters are joined.', {
    AND: 'All must hold.',
    OR: 'One must hold.',
  });
  enumeration('MeterInterval', 'How finely quantities are told.', {
    HOUR: 'By the hour.',
    DAY: 'By the day.',
    WEEK: 'By the week, from Monday on.',
    MONTH: 'By the month.',
  });
  enumeration('FileStatus', 'How far the bytes of a file have come.', {
    UPLOADING: 'They are being uploaded, for 24 hours at most.',
    VERIFYING: 'They are there, and being read once.',
    READY: 'They are what was announced, and can be downloaded.',
    FAILED: 'They are not, or never came; nothing of them is kept.',
  });
  enumeration('WebhookDeliveryState', 'How far the delivery of a message has come.', {
    PENDING: 'In line, or being delivered.',
    DELIVERED: 'The endpoint answered with success.',
    FAILED: 'Given up, since the endpoint was disabled; it can be sent again.',
  });
  enumeration('WebhookDisabling', 'Why an endpoint is told nothing.', {
    MERCHANT: 'The merchant disabled it.',
    GONE: 'It answered 410, that it is gone.',
    FAILING: 'Nothing succeeded for 3 days.',
  });
}
