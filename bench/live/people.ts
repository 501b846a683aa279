import { newId } from '../../src/lib/id.ts';
import { newToken } from '../../src/lib/keyring.ts';
import { after, HOUR_MS } from '../../src/lib/time.ts';
import { insert } from '../../src/platform/rows.ts';
import type { Boon } from '../support/boon.ts';

export interface Listener {
  token: string;
  customerId: string;
  grantId: string;
}

/** A customer with a session and a grant for every socket. */
export async function prepare({ transaction, organizationId }: Boon, count: number): Promise<Listener[]> {
  return transaction(async (tx) => {
    const made = { createdAt: tx.now, updatedAt: tx.now };
    const benefit = newId('benefit', tx.now);
    await tx.db.benefit.create({
      data: {
        id: benefit,
        organizationId,
        type: 'custom',
        description: 'A note',
        properties: { note: 'Hello' },
        ...made,
      },
    });
    const all = Array.from({ length: count }, () => ({
      token: newToken('boon_cs'),
      customerId: newId('customer', tx.now),
      grantId: newId('grant', tx.now),
    }));
    await insert(
      tx.db,
      'Customer',
      all.map(({ customerId: id }) => ({ id, organizationId, email: `${id}@example.com`, ...made })),
    );
    await insert(
      tx.db,
      'CustomerSession',
      all.map(({ token, customerId }) => ({
        id: newId('customerSession', tx.now),
        organizationId,
        customerId,
        digest: tx.keyring.digest(token),
        expiresAt: after(tx.now, HOUR_MS),
        endsAt: after(tx.now, HOUR_MS),
        createdAt: tx.now,
      })),
    );
    const manual = all.map(({ customerId }) => ({ id: newId('manualGrant', tx.now), customerId }));
    await insert(
      tx.db,
      'ManualGrant',
      manual.map(({ id, customerId }) => ({ id, customerId, benefitId: benefit, ...made })),
    );
    await insert(
      tx.db,
      'BenefitGrant',
      all.map(({ grantId, customerId }, index) => ({
        id: grantId,
        organizationId,
        customerId,
        manualGrantId: manual[index]?.id ?? null,
        benefitId: benefit,
        position: 0,
        state: 'ACTIVE' as const,
        ...made,
      })),
    );
    return all;
  });
}
