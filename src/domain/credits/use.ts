import type { Prisma } from '../../../prisma/generated/client/client.ts';
import type { Tx } from '../../platform/unit-of-work.ts';

/** Takes what was used off balances. There are none yet. */
export async function use(
  _tx: Tx,
  _uses: { organizationId: string; usage: readonly { customerId: string; meterId: string; units: Prisma.Decimal }[] },
): Promise<void> {}
