import type { LicenseActivation } from '../../../prisma/generated/client/client.ts';
import type { Keyring } from '../../lib/keyring.ts';
import type { Context } from '../context.ts';
import { type Connection, type PageArgs, pageOf } from '../page.ts';

/**
 * Activations under ids that are good for telling them apart and for nothing else. Few enough to be read whole: a
 * license has as many as its limit.
 */
export async function veiledPage(
  { loaders, keyring }: Context,
  licenseKeyId: string,
  args: PageArgs,
): Promise<Connection<LicenseActivation>> {
  const activations = await loaders.children('activationsOfLicenseKey', licenseKeyId);
  return pageOf(
    activations.map((activation) => ({ ...activation, id: veil(keyring, activation.id) })),
    args,
  );
}

const veil = (keyring: Keyring, id: string): string =>
  `act_${Buffer.from(keyring.digest(id)).toString('hex').slice(0, 26)}`;
