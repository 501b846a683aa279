import * as benefits from '../../src/domain/benefits.ts';
import * as manualGrants from '../../src/domain/manual-grants.ts';
import type { Keyring } from '../../src/lib/keyring.ts';
import type { Database } from '../../src/platform/database.ts';
import type { Transaction } from '../../src/platform/unit-of-work.ts';

interface Seller {
  organizationId: string;
  transaction: Transaction;
  database: Database;
  keyring: Keyring;
  customer(): Promise<{ id: string }>;
  settle(customerId: string): Promise<unknown>;
}

/** A license key of a new customer, on these terms. */
export async function sellKey(seller: Seller, properties: object = {}) {
  const { organizationId, transaction, database, keyring } = seller;
  const { id: customerId } = await seller.customer();
  const grant = await transaction(async (tx) => {
    const of = { organizationId, type: 'license_keys', description: 'A license', properties: properties as never };
    const { id: benefitId } = await benefits.create(tx, of);
    return manualGrants.create(tx, { organizationId, customerId, benefitId });
  });
  await seller.settle(customerId);
  const row = await database.prisma.licenseKey.findFirstOrThrow({
    where: { grantId: grant.id },
    select: { id: true, sealed: true },
  });
  return { id: row.id, key: keyring.open(row.sealed), grantId: grant.id, customerId };
}
