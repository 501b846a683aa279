import * as licenses from '../../domain/licenses/administration.ts';
import type { Builder } from '../builder.ts';
import type { InputBuilder, PayloadBuilder } from '../declaration.ts';
import { defineMutation } from '../mutation.ts';

/** What a merchant does with a single key. */
export function defineLicenseAdministration(builder: Builder): void {
  const scope = 'licenses:write' as const;

  defineMutation(builder, {
    name: 'updateLicenseKey',
    description:
      'Changes one license key apart from its benefit. What is named here is this key’s own from then on: edits of the benefit leave it. Absent keeps, null lifts a limit.',
    scope,
    keeps: ['status', 'usage'],
    input: (t) => ({
      id: idField(t),
      status: t.field({ type: 'LicenseKeySwitch', description: 'Whether it may be used at all.' }),
      limitActivations: t.int({ description: 'On how many machines it may be active; those that are stay active.' }),
      limitUsage: t.int({ description: 'How many units it has.' }),
      expiresAt: t.field({ type: 'DateTime', description: 'When it ends by itself.' }),
      usage: t.int({ description: 'How many units are used; 0 gives all of them back.' }),
    }),
    run: async (tx, input) => ({ id: (await licenses.update(tx, input)).id }),
    payload,
  });

  defineMutation(builder, {
    name: 'rotateLicenseKey',
    description:
      'Gives a license another key. The old one keeps working through the days of grace; both are one license with one budget.',
    scope,
    creates: true,
    input: (t) => ({
      id: idField(t),
      graceDays: t.int({ description: 'For how many days, 0 to 30, the old key keeps working. Default 0.' }),
    }),
    run: async (tx, input) => ({ id: (await licenses.rotate(tx, input)).id }),
    payload,
  });
}

const idField = (t: InputBuilder) => t.id({ required: true, description: 'The license key.' });

const payload = (t: PayloadBuilder<{ id: string }>) => ({
  licenseKey: t.field({
    type: 'LicenseKey',
    description: 'As it is now.',
    resolve: ({ id }, _args, { loaders }) => loaders.existing('LicenseKey', id),
  }),
});
