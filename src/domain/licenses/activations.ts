import type { LicenseActivation, Prisma } from '../../../prisma/generated/client/client.ts';
import { checkIfAny, checkMetadata, checkText, type Metadata } from '../../lib/checks.ts';
import { ConflictError, LicenseRefusedError, LimitReachedError, NotFoundError } from '../../lib/errors.ts';
import { isId, newSecretId } from '../../lib/id.ts';
import type { Keyring } from '../../lib/keyring.ts';
import { normalizeLicenseKey } from '../../lib/license-key.ts';
import type { Clock } from '../../lib/time.ts';
import type { Database } from '../../platform/database.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import { explain, type LicenseRecord, type Reason, refusals } from './judgement.ts';
import { type Key, snapshot } from './keys.ts';
import { lock, lockByKey, lockByKeys, readerIn } from './locking.ts';
import { keysByDigest, type Reader, readOpened } from './records.ts';

export interface NewActivation {
  key: string;
  organizationId?: string | null;
  label: string;
  fingerprint?: string | null;
  conditions?: unknown;
  meta?: unknown;
}

/** One that was checked. */
export interface Wish {
  key: string;
  organizationId: string | null;
  label: string;
  fingerprint: string | null;
  conditions: Metadata;
  meta: Metadata;
}

/** The wish, with its key in the normal spelling, if it makes sense; throws what is wrong with it. */
export function checkActivation({ key, ...wish }: NewActivation): Wish {
  return {
    key: normalizeLicenseKey(key),
    organizationId: wish.organizationId ?? null,
    label: checkText(wish.label, ['label'], 200),
    fingerprint: checkIfAny(wish.fingerprint, (value) => checkText(value, ['fingerprint'], 200)),
    conditions: checkMetadata(wish.conditions ?? {}, ['conditions']),
    meta: checkMetadata(wish.meta ?? {}, ['meta']),
  };
}

/**
 * What is certain before anything is locked: the activation a machine has already, or why it gets none. Null where a
 * slot would be taken. Who comes too late learns it without queueing for the license.
 */
export async function foresee(
  { database, keyring, clock }: { database: Database; keyring: Keyring; clock: Clock },
  wishes: readonly Wish[],
): Promise<(LicenseActivation | Error | null)[]> {
  const keyOf = keysByDigest(keyring, keysOf(wishes));
  const opened = await readOpened(database, keyOf);
  const standing = await readStanding(database, wishes, opened);
  return wishes.map((wish) => judge(wish, { opened, standing, taken: new Map() }, clock()));
}

/**
 * Takes one of the license's slots for each machine. The same fingerprint again answers the same activation and takes
 * none. However many there are at once, the limit holds: those of one license come one after the other. An Error is
 * what keeps one of them out.
 */
export async function activateAll(tx: Tx, wishes: readonly Wish[]): Promise<(LicenseActivation | Error)[]> {
  const opened = await lockByKeys(tx, keysOf(wishes));
  const standing = await readStanding(readerIn(tx), wishes, opened);
  const taken = new Map<string, number>();
  const made: LicenseActivation[] = [];
  const answers = wishes.map((wish) => {
    const judged = judge(wish, { opened, standing, taken }, tx.now);
    if (judged) return judged;
    const licenseKeyId = opened.get(wish.key)?.id ?? '';
    const { label, fingerprint, conditions, meta } = wish;
    const facts = { label, fingerprint, conditions, meta, deactivatedAt: null, createdAt: tx.now };
    const activation = { id: newSecretId('activation', tx.now), licenseKeyId, ...facts };
    taken.set(licenseKeyId, (taken.get(licenseKeyId) ?? 0) + 1);
    if (fingerprint) standing.set(machineName(licenseKeyId, fingerprint), activation);
    made.push(activation);
    return activation;
  });
  if (made.length === 0) return answers;
  await tx.db.licenseActivation.createMany({ data: made as Prisma.LicenseActivationCreateManyInput[] });
  const keys = await tx.db.licenseKey.findMany({ where: { id: { in: made.map((one) => one.licenseKeyId) } } });
  const byId = new Map(keys.map((key) => [key.id, key]));
  for (const one of made) tell(tx, 'license_key.activated', byId.get(one.licenseKeyId) as Key, one);
  return answers;
}

/** The same for a single one. */
export async function activate(tx: Tx, wish: NewActivation): Promise<LicenseActivation> {
  const [answer] = await activateAll(tx, [checkActivation(wish)]);
  if (answer && !(answer instanceof Error)) return answer;
  throw answer;
}

/** Frees the slot. The id alone is enough, since nobody can guess it; twice is harmless. */
export async function deactivate(
  tx: Tx,
  { activationId, key, organizationId }: { activationId: string; key?: string | null; organizationId?: string | null },
): Promise<LicenseActivation> {
  const found = isId('activation', activationId)
    ? await tx.db.licenseActivation.findUnique({ where: { id: activationId }, include: { licenseKey: true } })
    : null;
  if (!found || (organizationId && found.licenseKey.organizationId !== organizationId))
    throw new NotFoundError('activation', ['activationId']);
  if (key && (await lockByKey(tx, key))?.id !== found.licenseKeyId)
    throw new NotFoundError('activation', ['activationId']);
  await lock(tx, found.licenseKeyId);
  const before = await tx.db.licenseActivation.findUniqueOrThrow({ where: { id: activationId } });
  if (before.deactivatedAt) return before;
  const activation = await tx.db.licenseActivation.update({
    where: { id: activationId },
    data: { deactivatedAt: tx.now },
  });
  tell(tx, 'license_key.deactivated', found.licenseKey, activation);
  return activation;
}

interface Known {
  opened: ReadonlyMap<string, LicenseRecord>;
  /** The activations that machines have already, by `machineName`. */
  standing: ReadonlyMap<string, LicenseActivation>;
  /** How many slots were taken since that was read. */
  taken: ReadonlyMap<string, number>;
}

/** The activation a machine has already, or why it gets none; null when it gets one. Pure. */
function judge(wish: Wish, { opened, standing, taken }: Known, now: Date): LicenseActivation | Error | null {
  const record = opened.get(wish.key) ?? null;
  const [reason] = refusals(record, null, wish, now).filter((one) => !IRRELEVANT.includes(one));
  if (reason || !record) return new LicenseRefusedError(reason ?? 'NOT_FOUND', explain(reason ?? 'NOT_FOUND'), ['key']);
  const before = wish.fingerprint && standing.get(machineName(record.id, wish.fingerprint));
  if (before) return before;
  const { limitActivations: limit, activationsUsed } = record;
  if (limit === null)
    return new ConflictError('This license does not count activations: its benefit sets no limit of them.', ['key']);
  if (activationsUsed + (taken.get(record.id) ?? 0) < limit) return null;
  const message = `All ${limit} activations of this license are in use; deactivate one first.`;
  return new LimitReachedError(message, limit, ['key']);
}

/** Reasons that speak about a use of the license, not about a machine that wants a slot. */
const IRRELEVANT: readonly Reason[] = ['ACTIVATION_REQUIRED', 'USAGE_EXCEEDED'];

/** The activations these machines have already; the oldest where one has several. */
async function readStanding(
  reader: Reader,
  wishes: readonly Wish[],
  opened: ReadonlyMap<string, LicenseRecord>,
): Promise<Map<string, LicenseActivation>> {
  const machines = wishes.flatMap(({ key, fingerprint }) => {
    const license = opened.get(key);
    return license && fingerprint ? [{ id: license.id, fingerprint }] : [];
  });
  if (machines.length === 0) return new Map();
  const [ids, fingerprints] = [machines.map(({ id }) => id), machines.map(({ fingerprint }) => fingerprint)];
  const found = await reader.read<LicenseActivation>('standing activations', STANDING, [ids, fingerprints]);
  return new Map(found.map((one) => [machineName(one.licenseKeyId, one.fingerprint ?? ''), one]));
}

const STANDING = `
  SELECT a.* FROM "LicenseActivation" a
  WHERE (a."licenseKeyId", a.fingerprint) IN (SELECT * FROM unnest($1::text[], $2::text[])) AND a."deactivatedAt" IS NULL
  ORDER BY a."createdAt" DESC`;

/** A machine of one license, as a name in a map. */
const machineName = (licenseKeyId: string, fingerprint: string): string => `${licenseKeyId} ${fingerprint}`;
const keysOf = (wishes: readonly Wish[]): string[] => wishes.map(({ key }) => key);

function tell(tx: Tx, type: string, key: Key, activation: LicenseActivation): void {
  const { id, label, fingerprint, meta, createdAt, deactivatedAt } = activation;
  tx.append({
    organizationId: key.organizationId,
    type,
    customerId: key.customerId,
    subjectId: key.id,
    data: {
      licenseKey: snapshot(key),
      activation: { id, label, fingerprint, meta: meta as Prisma.JsonObject, createdAt, deactivatedAt },
    },
  });
}
