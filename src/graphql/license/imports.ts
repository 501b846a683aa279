import { delivers, kindOf } from '../../benefits/catalog.ts';
import * as benefits from '../../domain/benefits.ts';
import * as imports from '../../domain/licenses/imports.ts';
import { InvalidInputError } from '../../lib/errors.ts';
import type { Builder } from '../builder.ts';
import { defineMutation } from '../mutation.ts';

/** Keys that another system gave out go on working. */
export function defineImports(builder: Builder): void {
  const row = builder.inputType('ImportedLicenseKeyInput', {
    description: 'A key that a customer already has. What is left out follows the benefit.',
    fields: (t) => ({
      key: t.string({ required: true, description: 'The key, as the customer knows it; 8 to 200 characters.' }),
      customer: t.field({ type: 'CustomerBy', required: true, description: 'Whose it is.' }),
      limitActivations: t.int({ description: 'On how many machines it may be active.' }),
      limitUsage: t.int({ description: 'How many units it has.' }),
      usage: t.int({ description: 'How many units are used already.' }),
      expiresAt: t.field({ type: 'DateTime', description: 'When it ends by itself.' }),
    }),
  });
  const error = builder.objectRef<NonNullable<imports.ImportedRow['error']>>('ImportedLicenseKeyError').implement({
    description: 'The mistake in a row; the other rows stand.',
    fields: (t) => ({
      code: t.exposeString('code', { description: 'Names the rule, for programs.' }),
      message: t.exposeString('message', { description: 'Says what to do, for people.' }),
      path: t.exposeStringList('path', { description: 'The input field at fault, with the index of the row.' }),
    }),
  });
  const result = builder.objectRef<imports.ImportedRow>('ImportedLicenseKey').implement({
    description: 'What became of a row.',
    fields: (t) => ({
      licenseKey: t.field({
        type: 'LicenseKey',
        nullable: true,
        description: 'The key; null when there is a mistake in the row.',
        resolve: ({ licenseKeyId }, _args, { loaders }) =>
          licenseKeyId ? loaders.existing('LicenseKey', licenseKeyId) : null,
      }),
      created: t.exposeBoolean('created', {
        description: 'Whether it was made; false too when it stood there already.',
      }),
      error: t.expose('error', { type: error, nullable: true, description: 'Why it was left out.' }),
    }),
  });

  defineMutation(builder, {
    name: 'importLicenseKeys',
    description:
      'Gives customers license keys they already have from elsewhere, up to 100 at once, each by a manual grant. Answers row by row; the same row again changes nothing.',
    scope: 'licenses:write',
    creates: true,
    rows: 'keys',
    input: (t) => ({
      benefitId: t.id({ required: true, description: 'The benefit whose keys they become.' }),
      keys: t.field({ type: [row], required: true, description: 'The rows, 1 to 100.' }),
    }),
    run: async (tx, { organizationId, benefitId, keys }, { kinds }) => {
      const benefit = await benefits.find(tx, { organizationId, id: benefitId }, ['benefitId']);
      if (!delivers(kindOf(kinds, benefit.type), 'LicenseKey')) {
        throw new InvalidInputError('This benefit gives out no license keys.', ['benefitId']);
      }
      return { rows: await imports.importAll(tx, { organizationId, benefitId, keys }) };
    },
    payload: (t) => ({
      rows: t.field({
        type: [result],
        description: 'What became of each row, in their order.',
        resolve: ({ rows }) => rows,
      }),
    }),
  });
}
