import * as receipt from '../../domain/licenses/receipt.ts';
import type { Answer } from '../../domain/licenses/validation.ts';
import type { Builder } from '../builder.ts';

/** What a validation answers. */
export function defineValidationAnswer(builder: Builder) {
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
  return builder.objectRef<Answer & { asked?: receipt.Asked }>('LicenseValidation').implement({
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
        description: 'How many units it has; null: without limit, or the key is not found.',
      }),
      expiresAt: t.expose('expiresAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When it ends by itself; null: never, or the key is not found.',
      }),
      activations: t.expose('activations', {
        type: seats,
        nullable: true,
        description: 'On how many machines it is active; null when the key is not found.',
      }),
      activation: t.expose('activation', {
        type: activation,
        nullable: true,
        description: 'The activation that was named; null when none was, or it is not found.',
      }),
      customer: t.expose('customer', {
        type: customer,
        nullable: true,
        description: 'Whose it is; null when the key is not found.',
      }),
      signed: t.string({
        nullable: true,
        description:
          'The whole answer as a JWS (EdDSA), with the nonce; null when none was given. Public keys: `/.well-known/jwks.json`.',
        resolve: ({ asked, ...answer }, _args, { signer, clock, url }) =>
          asked ? receipt.sign(signer, asked, answer, { now: clock(), issuer: url }) : null,
      }),
    }),
  });
}
