import DataLoader from 'dataloader';
import type { LicenseTally } from '../../../prisma/generated/client/client.ts';
import type { Context } from '../context.ts';

/** How often a license was validated; all that one request asks about are read at once. */
export const tallyOf = ({ loaders, database }: Context, licenseKeyId: string): Promise<LicenseTally | null> =>
  loaders
    .once('license tallies', () => {
      return new DataLoader(async (ids: readonly string[]) => {
        const rows = await database.prisma.licenseTally.findMany({ where: { licenseKeyId: { in: [...ids] } } });
        return ids.map((id) => rows.find((row) => row.licenseKeyId === id) ?? null);
      });
    })
    .load(licenseKeyId);
