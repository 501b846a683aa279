import * as activations from '../../domain/licenses/activations.ts';
import { LicenseRefusedError, LimitReachedError } from '../../lib/errors.ts';
import { checkWellFormed } from '../../lib/well-formed.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import type { Builder } from '../builder.ts';
import type { PayloadBuilder } from '../declaration.ts';
import { defineMutation, defineMutationBy } from '../mutation.ts';
import { perform } from '../perform.ts';
import { admitted } from './admission.ts';

/** What shipped applications do, without any token. */
export function defineLicenseMutations(builder: Builder): void {
  const activation = { name: 'activateLicenseKey', scope: 'anyone', creates: true, around: admitted } as const;
  defineMutationBy(
    builder,
    {
      ...activation,
      description:
        'Takes one of a license’s slots for a machine. The same fingerprint again answers the same activation. Needs no token.',
      input: (t) => ({
        key: t.string({
          required: true,
          description: 'The key, as it was typed: case, spaces and dashes do not matter.',
        }),
        organizationId: t.id({ description: 'When given, the key must be of this organization.' }),
        label: t.string({ required: true, description: 'What to call the machine; at most 200 characters.' }),
        fingerprint: t.string({ description: 'What the application knows the machine by; at most 200 characters.' }),
        conditions: t.field({ type: 'Metadata', description: 'What must be the same at every validation.' }),
        meta: t.field({ type: 'Metadata', description: 'Whatever the application wants to note.' }),
      }),
      errors: [LicenseRefusedError, LimitReachedError],
      payload,
    },
    (input, context) => {
      const run = async (tx: Tx, wish: activations.NewActivation) => ({
        id: (await activations.activate(tx, wish)).id,
      });
      // What is to be answered again under a key is done in a transaction of its own.
      if (typeof input.idempotencyKey === 'string') return perform({ ...activation, run }, input, context);
      checkWellFormed(input);
      const wish = input as unknown as activations.NewActivation;
      return admitted(context, wish, async () => ({ id: (await context.licenses.activate(wish)).id }));
    },
  );

  defineMutation(builder, {
    name: 'deactivateLicenseKey',
    description: 'Frees the slot of a machine. The id of the activation is enough. Twice is harmless. Needs no token.',
    scope: 'anyone',
    around: admitted,
    input: (t) => ({
      activationId: t.id({ required: true, description: 'The activation.' }),
      key: t.string({ description: 'When given, the activation must be of this key.' }),
      organizationId: t.id({ description: 'When given, the key must be of this organization.' }),
    }),
    run: async (tx, input) => ({ id: (await activations.deactivate(tx, input)).id }),
    payload,
  });
}

const payload = (t: PayloadBuilder<{ id: string }>) => ({
  activation: t.field({
    type: 'LicenseActivation',
    description: 'As it is now.',
    resolve: ({ id }, _args, { loaders }) => loaders.existing('LicenseActivation', id),
  }),
});
