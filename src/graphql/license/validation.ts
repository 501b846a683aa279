import { type Answer, validate } from '../../domain/licenses/validation.ts';
import type { Builder } from '../builder.ts';

/** Why a license key is refused, in the order in which the reasons are given; the API's own words for each. */
const CODES = {
  VALID: 'It may be used.',
  NOT_FOUND: 'There is no such key, or not in this organization.',
  REVOKED: 'The customer is no longer entitled to it.',
  DISABLED: 'The merchant has switched it off.',
  EXPIRED: 'Its time is over.',
  BENEFIT_MISMATCH: 'It belongs to another benefit than the one named.',
  CUSTOMER_MISMATCH: 'It belongs to another customer than the one named.',
  ACTIVATION_REQUIRED: 'It is good only for machines that were activated, and none was named.',
  ACTIVATION_NOT_FOUND: 'The activation that was named is not one of its own, or was deactivated.',
  CONDITIONS_MISMATCH: 'The activation was bound to other conditions.',
  USAGE_EXCEEDED: 'All of its units are used.',
} satisfies Record<Answer['code'], string>;

/** The question shipped applications ask, without any token. Always an answer: a refused license is no error. */
export function defineValidation(builder: Builder): void {
  const values = Object.fromEntries(Object.entries(CODES).map(([code, description]) => [code, { description }]));
  builder.enumType('LicenseValidationCode', {
    description: 'What a validation found.',
    values: values as Record<Answer['code'], object>,
  });

  const input = builder.inputType('ValidateLicenseKeyInput', {
    description: 'The key, and what whoever asks says about their situation.',
    fields: (t) => ({
      key: t.string({
        required: true,
        description: 'The key, as it was typed: case, spaces and dashes do not matter.',
      }),
      organizationId: t.id({ description: 'When given, the key must be of this organization.' }),
      activationId: t.id({ description: 'The activation of the machine that asks.' }),
      fingerprint: t.string({ description: 'What the application knows the machine by.' }),
      conditions: t.field({ type: 'Metadata', description: 'All that the activation was bound to.' }),
      benefitId: t.id({ description: 'When given, the key must be of this benefit.' }),
      customerId: t.id({ description: 'When given, the key must be this customer’s.' }),
    }),
  });
  const seats = builder.objectRef<{ used: number; limit: number | null }>('LicenseSeats').implement({
    description: 'On how many machines a key is active.',
    fields: (t) => ({
      used: t.exposeInt('used', { description: 'On how many it is.' }),
      limit: t.exposeInt('limit', {
        nullable: true,
        description: 'On how many it may be; null: they are not counted.',
      }),
    }),
  });
  const activation = builder.objectRef<{ id: string; label: string }>('ValidatedActivation').implement({
    description: 'The activation that was named.',
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id.' }),
      label: t.exposeString('label', { description: 'What the application calls the machine.' }),
    }),
  });
  const customer = builder.objectRef<{ id: string; externalId: string | null }>('LicensedCustomer').implement({
    description: 'Whose key it is, and nothing more about them.',
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Their id.' }),
      externalId: t.exposeString('externalId', {
        nullable: true,
        description: 'Their id in the merchant’s own system.',
      }),
    }),
  });
  const answer = builder.objectRef<Answer>('LicenseValidation').implement({
    description: 'Whether a license key may be used, here and now, and why not.',
    fields: (t) => ({
      valid: t.exposeBoolean('valid', { description: 'Whether it may be used.' }),
      code: t.expose('code', {
        type: 'LicenseValidationCode',
        description: 'VALID, or the first reason that applies.',
      }),
      reasons: t.field({
        type: ['LicenseValidationCode'],
        description: 'Every reason that applies, the most decisive first.',
        resolve: ({ reasons }) => reasons,
      }),
      usage: t.exposeInt('usage', {
        nullable: true,
        description: 'How many units are used; null when the key is not found.',
      }),
      limitUsage: t.exposeInt('limitUsage', {
        nullable: true,
        description: 'How many units it has; null: without limit.',
      }),
      expiresAt: t.expose('expiresAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When it ends by itself; null: never.',
      }),
      activations: t.expose('activations', {
        type: seats,
        nullable: true,
        description: 'On how many machines it is active.',
      }),
      activation: t.expose('activation', {
        type: activation,
        nullable: true,
        description: 'The activation that was named.',
      }),
      customer: t.expose('customer', { type: customer, nullable: true, description: 'Whose it is.' }),
    }),
  });

  builder.queryField('validateLicenseKey', (t) =>
    t.field({
      type: answer,
      nullable: true,
      description: 'Whether a license key may be used. Needs no token.',
      args: { input: t.arg({ type: input, required: true, description: 'The question.' }) },
      resolve: (_root, { input: { conditions, ...question } }, { database, keyring, clock }) =>
        validate(database, { keyring, now: clock() }, { ...question, conditions: conditions as never }),
    }),
  );
}
