import { keysByDigest, readOpened } from '../../domain/licenses/records.ts';
import { normalizeLicenseKey } from '../../lib/license-key.ts';
import type { Builder } from '../builder.ts';

/** What a merchant begins with when a customer writes in about a key. */
export function defineLicenseLookup(builder: Builder): void {
  builder.queryField('licenseKey', (t) =>
    t.field({
      type: 'LicenseKey',
      nullable: true,
      description:
        'The license that a key opens, or has opened before it was rotated; null when it is none of this organization. Its timeline is its `history`.',
      authScopes: { scope: 'licenses:read' },
      args: {
        key: t.arg.string({
          required: true,
          description: 'The key, as it was typed: case, spaces and dashes do not matter.',
        }),
      },
      resolve: async (_root, { key }, { database, keyring, loaders }) => {
        const [license] = (await readOpened(database, keysByDigest(keyring, [normalizeLicenseKey(key)]))).values();
        return license ? loaders.row('LicenseKey', license.id) : null;
      },
    }),
  );
}
