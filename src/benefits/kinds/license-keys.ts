import { z } from 'zod';
import * as keys from '../../domain/licenses/keys.ts';
import { addCalendar } from '../../lib/time.ts';
import { defineKind, reference } from '../kind.ts';
import { done } from '../outcome.ts';

const COUNT_LIMIT = 2_147_483_647;
const count = () => z.int().min(1).max(COUNT_LIMIT);

const LicenseKeyExpiry = z
  .object({
    ttl: count().meta({
      description: 'How many units of the timeframe a key is good for, counted from the first grant.',
    }),
    timeframe: z.enum(['DAY', 'MONTH', 'YEAR']).meta({
      id: 'LicenseKeyTimeframe',
      description: 'Units of the calendar.',
      values: { DAY: 'Days.', MONTH: 'Months: one after 31 January is the last day of February.', YEAR: 'Years.' },
    }),
  })
  .refine(({ ttl, timeframe }) => addCalendar(new Date(), ttl, timeframe) !== null, {
    path: ['ttl'],
    message: 'It lies beyond the year 9999.',
  })
  .meta({ id: 'LicenseKeyExpiry', description: 'How long a key is good for.' });

const LicenseKeyActivationPolicy = z
  .object({
    limit: count().meta({ description: 'How many machines may be active at once.' }),
    customerAdmin: z
      .boolean()
      .default(false)
      .meta({ description: 'Whether customers may deactivate machines in the portal.' }),
    required: z.boolean().default(false).meta({ description: 'Whether validation must name an activation.' }),
  })
  .meta({ id: 'LicenseKeyActivationPolicy', description: 'On how many machines a key may be used.' });

/** Gives every grant a license key of its own; validation judges the key by the grant, so revoking takes no job. */
export default defineKind({
  type: 'license_keys',
  name: 'LicenseKeys',
  description: 'A license key for each customer, made by Boon and validated by shipped applications.',
  properties: z.object({
    prefix: z
      .string()
      .regex(/^[A-Za-z0-9]{0,16}$/, 'It may have up to 16 letters and digits.')
      .transform((text) => text.toUpperCase())
      .nullish()
      .meta({ description: 'Begins every key; up to 16 letters and digits, made upper case.' }),
    expires: LicenseKeyExpiry.nullish().meta({ description: 'How long a key is good for; absent: without end.' }),
    activations: LicenseKeyActivationPolicy.nullish().meta({
      description: 'Limits machines; absent: activations are not counted.',
    }),
    limitUsage: count().nullish().meta({ description: 'How many units of usage a key has; absent: without limit.' }),
  }),
  example: {
    description: 'Software license',
    properties: { prefix: 'MYAPP', activations: { limit: 2, customerAdmin: true } },
    held: { licenseKeyId: 'lic_example', displayKey: '****-EXAMPL' },
  },
  held: z.object({ licenseKeyId: z.string(), displayKey: z.string() }),
  delivers: z.object({ licenseKeyId: reference('LicenseKey', 'The key, with its limits and activations.') }),
  keep: {
    where: 'rows',
    async deliver(tx, orders) {
      const issued = await keys.issue(
        tx,
        orders.map(({ grant, customer, benefit, properties }) => ({
          grantId: grant.id,
          organizationId: grant.organizationId,
          customerId: customer.id,
          benefitId: benefit.id,
          terms: {
            prefix: properties.prefix ?? '',
            expires: properties.expires ?? null,
            activations: properties.activations ?? null,
            limitUsage: properties.limitUsage ?? null,
          },
        })),
      );
      return issued.map(({ id, displayKey }) => done({ licenseKeyId: id, displayKey }));
    },
    withdraw: async (_tx, orders) => orders.map(({ held }) => done(held)),
  },
  deliveries: { from: 'held', tell: ({ licenseKeyId }) => ({ licenseKeyId }) },
  instructions: ({ benefit }) =>
    `Enter your license key for **${benefit.description}** in the application when it asks for it.`,
  wire: {
    properties: ({ prefix, expires, activations, limitUsage }) => ({
      prefix: prefix ?? null,
      expires: expires ? { ttl: expires.ttl, timeframe: expires.timeframe.toLowerCase() } : null,
      activations: activations ? { limit: activations.limit, enable_customer_admin: activations.customerAdmin } : null,
      limit_usage: limitUsage ?? null,
    }),
    grant: (held) => (held ? { license_key_id: held.licenseKeyId, display_key: held.displayKey } : {}),
  },
});
