import type { LinkedAccount, Provider } from '../../../prisma/generated/client/client.ts';
import { NotFoundError } from '../../lib/errors.ts';
import { newId } from '../../lib/id.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import * as customers from '../customers.ts';
import { load } from '../grants/facts.ts';
import { reconcile } from '../grants/reconcile.ts';
import { tell } from '../grants/telling.ts';
import { NO_ATTENTION, write } from '../grants/writing.ts';

export type Account = Omit<LinkedAccount, 'tokens'>;

/** Whose account it is, and which benefits are given to accounts of its provider. */
interface Owner {
  organizationId: string;
  customerId: string;
  /** The types of benefits that go to accounts of this provider. */
  types: readonly string[];
}

/** Who somebody is at a provider, as the provider itself said. */
export interface Identity {
  accountId: string;
  username: string;
  scopes: readonly string[];
  /** What it takes to act for them, as JSON; null where nothing is done in their name. */
  tokens: string | null;
}

/**
 * Links an account and gives to it from now on. Whatever waited for it goes on; what went to another account of theirs
 * is taken from that one. It promises nothing: who is entitled to nothing gets nothing.
 */
export async function link(
  tx: Tx,
  owner: Owner,
  provider: Provider,
  { accountId, username, scopes, tokens }: Identity,
): Promise<Account> {
  await customers.lock(tx, owner.organizationId, owner.customerId, ['customer']);
  const { organizationId, customerId } = owner;
  const said = {
    username,
    scopes: [...scopes],
    tokens: tokens === null ? null : tx.keyring.seal(tokens),
    isRefused: false,
    inUse: true,
    updatedAt: tx.now,
  };
  await tx.db.linkedAccount.updateMany({
    where: { customerId, provider, accountId: { not: accountId } },
    data: { inUse: false },
  });
  const account = await tx.db.linkedAccount.upsert({
    where: { customerId_provider_accountId: { customerId, provider, accountId } },
    create: {
      id: newId('linkedAccount', tx.now),
      organizationId,
      customerId,
      provider,
      accountId,
      ...said,
      linkedAt: tx.now,
    },
    update: { ...said, linkedAt: tx.now },
  });
  await changed(tx, owner, 'customer.account_linked', account);
  return account;
}

/** Forgets an account: what was given to it is taken away. The one linked last of those left takes its place. */
export async function unlink(tx: Tx, owner: Owner, id: string): Promise<Account> {
  const account = await findLocked(tx, owner, id);
  await tx.db.linkedAccount.delete({ where: { id } });
  if (account.inUse) {
    const next = await tx.db.linkedAccount.findFirst({
      where: { customerId: owner.customerId, provider: account.provider },
      orderBy: { linkedAt: 'desc' },
    });
    if (next) await tx.db.linkedAccount.update({ where: { id: next.id }, data: { inUse: true } });
  }
  await changed(tx, owner, 'customer.account_unlinked', account);
  return account;
}

/** Gives to this one of several accounts from now on, and takes from the other what it was given. Twice is harmless. */
export async function use(tx: Tx, owner: Owner, id: string): Promise<Account> {
  const account = await findLocked(tx, owner, id);
  if (account.inUse) return account;
  const { customerId } = owner;
  await tx.db.linkedAccount.updateMany({ where: { customerId, provider: account.provider }, data: { inUse: false } });
  const used = await tx.db.linkedAccount.update({ where: { id }, data: { inUse: true, updatedAt: tx.now } });
  await changed(tx, owner, 'customer.account_chosen', used);
  return used;
}

/** The provider of an account that must be there. */
export async function find(tx: Tx, { organizationId, id }: { organizationId: string; id: string }): Promise<Account> {
  const account = await tx.db.linkedAccount.findFirst({ where: { id, organizationId } });
  if (!account) throw new NotFoundError('linked account', ['id']);
  return account;
}

async function findLocked(tx: Tx, { organizationId, customerId }: Owner, id: string): Promise<Account> {
  await customers.lock(tx, organizationId, customerId, ['id']);
  const account = await tx.db.linkedAccount.findFirst({ where: { id, customerId } });
  if (!account) throw new NotFoundError('linked account', ['id']);
  return account;
}

/** Tells it, and has everything that goes to accounts of this provider given again where it now belongs. */
async function changed(tx: Tx, owner: Owner, type: string, account: Account): Promise<void> {
  const { organizationId, customerId, types } = owner;
  const customer = await load(tx, customerId);
  const { id, provider, accountId, username } = account;
  tx.append({
    organizationId,
    type,
    customerId,
    subjectId: id,
    data: { account: { id, provider, accountId, username }, customer: customers.snapshot(customer) },
  });
  const again = customer.grants.filter((grant) => grant.state !== 'REVOKED' && types.includes(grant.benefit.type));
  const waiting = again.filter(({ attentionCode }) => attentionCode !== null);
  await write(
    tx,
    again.map((grant) => ({ grant, data: { appliedVersion: 0, ...NO_ATTENTION } })),
  );
  for (const grant of waiting) tell(tx, 'benefit_grant.updated', grant, customer, grant.benefit, ['attention']);
  await reconcile(tx, customerId);
}
