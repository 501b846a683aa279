import { checkIfAny, checkInteger } from '../../lib/checks.ts';
import { ConflictError, InvalidInputError, isBrokenRule } from '../../lib/errors.ts';
import { newId } from '../../lib/id.ts';
import { normalizeLicenseKey } from '../../lib/license-key.ts';
import { checkWellFormed } from '../../lib/well-formed.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import * as customers from '../customers.ts';
import * as manualGrants from '../manual-grants.ts';

const MOST_ROWS = 100;
const SHORTEST_KEY = 8;
const LONGEST_KEY = 200;
/** So many characters of a key may be shown. */
const SHOWN = 4;
const COUNT_LIMIT = 2_147_483_647;

/** A key that another system gave out. What is named here is this key's own; the rest is as its benefit says. */
export interface ImportedKey {
  key: string;
  customer: customers.CustomerBy;
  limitActivations?: number | null;
  limitUsage?: number | null;
  usage?: number | null;
  expiresAt?: Date | null;
}

/** What became of one row: the key it made, or that stood there already, or the mistake in it. */
export interface ImportedRow {
  licenseKeyId: string | null;
  created: boolean;
  error: { code: string; message: string; path: string[] } | null;
}

interface Import {
  organizationId: string;
  benefitId: string;
  keys: readonly ImportedKey[];
}

/**
 * Gives customers keys they already have, by hand: one key per customer and benefit. A row with a mistake is left out
 * and says why; the others stand. The same row again changes nothing. What a row does not name follows the benefit, as
 * soon as the grant is settled.
 */
export async function importAll(tx: Tx, { keys, ...of }: Import): Promise<ImportedRow[]> {
  checkInteger(keys.length, ['keys'], 1, MOST_ROWS);
  // Two imports at once could give out one key twice.
  await tx.db.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('boon license import'))`;
  const rows: ImportedRow[] = [];
  for (const [index, row] of keys.entries()) {
    try {
      rows.push({ ...(await importOne(tx, of, row)), error: null });
    } catch (error) {
      if (!isBrokenRule(error)) throw error;
      const { code, message, path } = error;
      rows.push({
        licenseKeyId: null,
        created: false,
        error: { code, message, path: ['keys', String(index), ...path] },
      });
    }
  }
  return rows;
}

async function importOne(tx: Tx, of: Omit<Import, 'keys'>, row: ImportedKey) {
  checkWellFormed(row);
  const text = row.key.trim();
  const normalized = normalizeLicenseKey(text);
  if (text.length > LONGEST_KEY || normalized.length < SHORTEST_KEY) {
    throw new InvalidInputError(`It has ${SHORTEST_KEY} to ${LONGEST_KEY} characters, letters and digits at least.`, [
      'key',
    ]);
  }
  const own = ownLimits(row);
  const { organizationId } = of;
  const customerId = await customers.identify(tx, { organizationId, by: row.customer, path: ['customer'] });
  const taken = await tx.db.licenseSecret.findFirst({
    where: { digest: { in: tx.keyring.digests(normalized) } },
    select: { licenseKey: { select: { id: true, customerId: true, benefitId: true } } },
  });
  if (taken) {
    const { id, ...whose } = taken.licenseKey;
    if (whose.customerId === customerId && whose.benefitId === of.benefitId)
      return { licenseKeyId: id, created: false };
    throw new ConflictError('This key is in use.', ['key']);
  }
  const held = { customerId, benefitId: of.benefitId, grant: { manualGrantId: { not: null } } };
  if (await tx.db.licenseKey.findFirst({ where: held })) {
    throw new ConflictError('This customer already has a key of this benefit by hand.', ['customer']);
  }
  const grant = await manualGrants.create(tx, { ...of, customerId, reason: 'Imported' });
  const { id } = await tx.db.licenseKey.create({
    data: {
      id: newId('licenseKey', tx.now),
      ...of,
      customerId,
      grantId: grant.id,
      sealed: tx.keyring.seal(text),
      displayKey: `****-${text.slice(-SHOWN)}`,
      secrets: { create: { digest: tx.keyring.digest(normalized), createdAt: tx.now } },
      ...own,
      usage: row.usage ?? 0,
      overrides: Object.keys(own),
      createdAt: tx.now,
      updatedAt: tx.now,
    },
  });
  return { licenseKeyId: id, created: true };
}

function ownLimits({ limitActivations, limitUsage, usage, expiresAt }: ImportedKey) {
  const count = (name: string, least: number) => (value: number) => checkInteger(value, [name], least, COUNT_LIMIT);
  checkIfAny(usage, count('usage', 0));
  const own = {
    limitActivations: checkIfAny(limitActivations, count('limitActivations', 1)),
    limitUsage: checkIfAny(limitUsage, count('limitUsage', 1)),
    expiresAt: expiresAt ?? null,
  };
  return Object.fromEntries(Object.entries(own).filter(([, value]) => value !== null));
}
