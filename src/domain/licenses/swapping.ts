import type { Keyring } from '../../lib/keyring.ts';
import type { Clock } from '../../lib/time.ts';
import { type Database, wasOvertaken } from '../../platform/database.ts';
import type { Consumption, ConsumptionAnswer } from './consumption.ts';
import { decideAll, type NewUse } from './deciding.ts';
import { keysByDigest, readNamedActivations, readVersions } from './records.ts';
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
  const wanted = [...decided.taken.keys()].filter((id) => !left.has(id));
  const versions = new Map([...opened.values()].map(({ id, version }) => [id, version]));
  const usages = new Map(wanted.map((id) => [id, decided.taken.get(id) ?? 0]));
  const fresh = decided.fresh.filter(({ licenseKeyId }) => usages.has(licenseKeyId));
  const done = await swap(database, usages, versions, fresh);
  for (const id of wanted) if (!done.has(id)) left.add(id);
  return {
    answers: wishes.map(({ key }, at) => (left.has(opened.get(key)?.id ?? '') ? null : (decided.answers[at] ?? null))),
    customerIds: new Set([...opened.values()].filter(({ id }) => done.has(id)).map(({ customerId }) => customerId)),
  };
}

/** Writes what was used of each license that is still this version; answers which those were. */
async function swap(
  database: Database,
  usages: ReadonlyMap<string, number>,
  versions: ReadonlyMap<string, string>,
  fresh: readonly NewUse[],
): Promise<Set<string>> {
  if (usages.size === 0) return new Set();
  const licenses = [[...usages.keys()], [...usages.values()], [...usages.keys()].map((id) => versions.get(id))];
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

/** Rows are locked in the order of their ids, as everywhere: nobody waits for somebody who waits for them. */
const TAKEN = `
  WITH wanted AS (SELECT * FROM unnest($1::text[], $2::int[], $3::text[]) AS w(id, usage, version)),
  locked AS MATERIALIZED (
    SELECT l.id, w.usage FROM wanted w JOIN "LicenseKey" l ON l.id = w.id AND l.xmin::text = w.version
    ORDER BY l.id FOR NO KEY UPDATE OF l
  ),
  taken AS (UPDATE "LicenseKey" l SET usage = k.usage FROM locked k WHERE l.id = k.id RETURNING l.id)`;

const SWAP = `${TAKEN} SELECT id FROM taken`;

const SWAP_AND_NOTE = `${TAKEN},
  noted AS (
    INSERT INTO "LicenseUse" ("licenseKeyId", "idempotencyKey", units, code, usage, "limitUsage", "createdAt")
    SELECT u.id, u.key, u.units, u.code, u.usage, u.lim, $10
    FROM unnest($4::text[], $5::text[], $6::int[], $7::text[], $8::int[], $9::int[]) AS u(id, key, units, code, usage, lim)
    JOIN taken t ON t.id = u.id
  )
  SELECT id FROM taken`;
