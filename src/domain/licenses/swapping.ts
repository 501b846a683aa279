import type { Keyring } from '../../lib/keyring.ts';
import type { Clock } from '../../lib/time.ts';
import { type Database, wasOvertaken } from '../../platform/database.ts';
import type { Consumption, ConsumptionAnswer } from './consumption.ts';
import { decideAll, type NewUse } from './deciding.ts';
import { keysByDigest, readNamedActivations, readVersions, type VersionedLicense } from './records.ts';
import { readUses } from './uses.ts';

/** As with `Settled`; null where it must be settled under the lock of its license. */
export interface Swapped {
  answers: (ConsumptionAnswer | Error | null)[];
  customerIds: Set<string>;
}

/**
 * Settles those consumptions that nobody else gets in the way of: what is known is read and decided upon, and written
 * where the license is still the version that was read. Two statements for however many there are, no lock between them
 * and no transaction that stays open.
 */
export async function consumeUncontended(
  { database, keyring, clock }: { database: Database; keyring: Keyring; clock: Clock },
  wishes: readonly Consumption[],
): Promise<Swapped> {
  const keyOf = keysByDigest(
    keyring,
    wishes.map(({ key }) => key),
  );
  const opened = await readVersions(database, keyOf);
  const activations = await readNamedActivations(database, wishes);
  const uses = await readUses(database, wishes, opened);
  const decided = decideAll(wishes, { opened, activations, uses }, clock());
  // A refusal changes no license, so that its version would not tell whether somebody else has answered the same key.
  const left = new Set(decided.fresh.filter(({ code }) => code !== 'VALID').map(({ licenseKeyId }) => licenseKeyId));
  const licenses = new Map([...opened.values()].map((license) => [license.id, license]));
  const wanted: Swap[] = [];
  for (const [id, usage] of decided.taken) {
    const license = licenses.get(id);
    if (license && !left.has(id)) wanted.push({ ...license, usage });
  }
  const done = await swap(
    database,
    wanted.sort((a, b) => (a.id < b.id ? -1 : 1)),
    decided.fresh.filter(({ licenseKeyId }) => !left.has(licenseKeyId)),
  );
  for (const { id } of wanted) if (!done.has(id)) left.add(id);
  return {
    answers: wishes.map(({ key }, at) => (left.has(opened.get(key)?.id ?? '') ? null : (decided.answers[at] ?? null))),
    customerIds: new Set(wanted.filter(({ id }) => done.has(id)).map(({ customerId }) => customerId)),
  };
}

/** A license as it was read, but for its usage: that is what is to be written. */
type Swap = VersionedLicense;

/** Writes what was used of each license that is still this version; answers which those were. */
async function swap(
  database: Database,
  wanted: readonly Swap[],
  fresh: readonly NewUse[],
): Promise<ReadonlySet<string>> {
  if (wanted.length === 0) return new Set();
  const licenses = (['id', 'place', 'version', 'usage'] as const).map((name) => wanted.map((one) => one[name]));
  const of = <Name extends keyof NewUse>(name: Name) => fresh.map((use) => use[name]);
  const uses = [of('licenseKeyId'), of('idempotencyKey'), of('units'), of('code'), of('usage'), of('limitUsage')];
  try {
    const rows =
      fresh.length === 0
        ? await database.write<{ id: string }>('swap licenses', SWAP, licenses)
        : await database.write<{ id: string }>('swap licenses and note uses', SWAP_AND_NOTE, [
            ...licenses,
            ...uses,
            fresh[0]?.createdAt,
          ]);
    return new Set(rows.map(({ id }) => id));
  } catch (error) {
    if (wasOvertaken(error)) return new Set();
    throw error;
  }
}

/**
 * Rows are locked in the order in which they are handed over. Each is found where it was when it was read: a place that
 * holds another version by now, or another row, is none of those that are wanted.
 */
const SWAP = `
  UPDATE "LicenseKey" l SET usage = w.usage
  FROM unnest($1::text[], $2::tid[], $3::text[], $4::int[]) AS w(id, place, version, usage)
  WHERE l.ctid = w.place AND l.id = w.id AND l.xmin::text = w.version
  RETURNING l.id`;

const SWAP_AND_NOTE = `
  WITH taken AS (${SWAP}),
  noted AS (
    INSERT INTO "LicenseUse" ("licenseKeyId", "idempotencyKey", units, code, usage, "limitUsage", "createdAt")
    SELECT u.id, u.key, u.units, u.code, u.usage, u.lim, $11
    FROM unnest($5::text[], $6::text[], $7::int[], $8::text[], $9::int[], $10::int[])
      AS u(id, key, units, code, usage, lim)
    JOIN taken t ON t.id = u.id
  )
  SELECT id FROM taken`;
