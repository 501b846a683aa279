import { newId } from '../../src/lib/id.ts';

/** An account that a customer linked. */
export function linked(
  customer: { organizationId: string; customerId: string },
  provider: 'GITHUB' | 'DISCORD',
  { id }: { id: number | string },
  username: string,
) {
  const now = new Date();
  const account = { ...customer, provider, accountId: String(id), username, scopes: [] };
  return { id: newId('linkedAccount', now), ...account, isRefused: false, inUse: true, linkedAt: now, updatedAt: now };
}
