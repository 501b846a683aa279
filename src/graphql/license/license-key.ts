import { isEntitled } from '../../domain/grants/work.ts';
import type { Builder } from '../builder.ts';
import { childPage, pageArgs } from '../connection.ts';
import { type Context, requireMerchant } from '../context.ts';
import type { LicenseKeyRow } from '../reads/rows.ts';
import { allows } from '../viewer.ts';
import { tallyOf } from './tally.ts';
import { veiledPage } from './veil.ts';

export function defineLicenseKey(builder: Builder): void {
  builder.objectType('LicenseKey', {
    description: 'Proof that a customer may use an application.',
    interfaces: ['Node'],
    fields: (t) => ({
      displayKey: t.exposeString('displayKey', { description: 'Enough of the key to tell it from others; no secret.' }),
      key: t.string({
        description: 'The key itself. Merchants need the scope licenses:read for it.',
        resolve: ({ sealed }, _args, context) => {
          if (context.viewer.is !== 'customer') requireMerchant(context, 'licenses:read');
          return context.keyring.open(sealed);
        },
      }),
      status: t.field({
        type: 'LicenseKeyStatus',
        description: 'Whether it may be used at all.',
        resolve: async ({ grantId, status }, _args, { loaders, clock }) =>
          isEntitled(await loaders.existing('BenefitGrant', grantId), clock()) ? status : 'REVOKED',
      }),
      usage: t.exposeInt('usage', { description: 'How many units of it are used.' }),
      limitUsage: t.exposeInt('limitUsage', {
        nullable: true,
        description: 'How many units it has; null: without limit.',
      }),
      limitActivations: t.exposeInt('limitActivations', {
        nullable: true,
        description: 'On how many machines it may be active at once; null: activations are not counted.',
      }),
      customerAdmin: t.exposeBoolean('customerAdmin', { description: 'Whether the customer may deactivate machines.' }),
      expiresAt: t.expose('expiresAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When it ends by itself; null: never.',
      }),
      activations: t.field({
        type: 'LicenseActivationConnection',
        description: 'The machines it is active on, oldest first.',
        args: pageArgs(t.arg),
        resolve: (key, args, context) =>
          mayUse(key, context)
            ? childPage(context, 'activationsOfLicenseKey', key.id, args)
            : veiledPage(context, key.id, args),
      }),
      validations: t.field({
        type: 'BigInt',
        description: 'How often it was validated, up to about a second ago.',
        resolve: async ({ id }, _args, context) => (await tallyOf(context, id))?.validations ?? 0n,
      }),
      lastValidatedAt: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'When it was last validated; null: never.',
        resolve: async ({ id }, _args, context) => (await tallyOf(context, id))?.lastValidatedAt ?? null,
      }),
      history: t.field({
        type: 'EventConnection',
        description: 'What happened to it, newest first. For merchants, who need the scope licenses:read for it.',
        args: pageArgs(t.arg),
        resolve: ({ id }, args, context) => {
          requireMerchant(context, 'licenses:read');
          return childPage(context, 'historyOfLicenseKey', id, args);
        },
      }),
      createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was issued.' }),
      updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it last changed.' }),
    }),
  });
}

/** The id of an activation deactivates it: it is seen only by whom the key itself, or the machines, are given to. */
const mayUse = ({ customerAdmin }: LicenseKeyRow, { viewer }: Context): boolean =>
  viewer.is === 'customer' ? customerAdmin : allows(viewer, 'licenses:read');
