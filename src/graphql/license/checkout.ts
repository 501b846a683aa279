import { checkout, LICENSE_TYPE } from '../../domain/licenses/checkout.ts';
import { LicenseRefusedError } from '../../lib/errors.ts';
import { SECOND_MS } from '../../lib/time.ts';
import type { Builder } from '../builder.ts';
import { defineMutation } from '../mutation.ts';
import { admitted } from './admission.ts';

/** A license to take along where there is no network. */
export function defineCheckout(builder: Builder): void {
  defineMutation(builder, {
    name: 'checkoutLicenseKey',
    description:
      'Gives a signed license that verifies without this server: a JWS (EdDSA) whose public key stands in `/.well-known/jwks.json`. Needs no token.',
    scope: 'anyone',
    around: admitted,
    input: (t) => ({
      key: t.string({
        required: true,
        description: 'The key, as it was typed: case, spaces and dashes do not matter.',
      }),
      organizationId: t.id({ description: 'When given, the key must be of this organization.' }),
      activationId: t.id({ description: 'The activation of the machine that asks.' }),
      fingerprint: t.string({ description: 'What the application knows the machine by.' }),
      conditions: t.field({ type: 'Metadata', description: 'All that the activation was bound to.' }),
      ttlSeconds: t.int({
        description:
          'For how long, 60 seconds to 90 days. Default 7 days. It never outlasts the license or what is paid for.',
      }),
    }),
    errors: [LicenseRefusedError],
    run: (tx, input) => checkout(tx, { ...input, conditions: input.conditions as never }),
    payload: (t) => ({
      license: t.string({
        description: 'The signed license, a compact JWS; docs/licensing.md says what stands in it.',
        resolve: (claims, _args, { signer, url }) => signer.sign(LICENSE_TYPE, { iss: url, ...claims }),
      }),
      expiresAt: t.field({
        type: 'DateTime',
        description: 'Until when it is good.',
        resolve: ({ exp }) => new Date(exp * SECOND_MS),
      }),
    }),
  });
}
