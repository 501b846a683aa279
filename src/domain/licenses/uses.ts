import type { Consumption, Use } from './consumption.ts';
import { type NewUse, useName } from './deciding.ts';
import type { JudgedLicense } from './judgement.ts';
import type { Reader } from './records.ts';

/** What was answered before under the idempotency keys of these wishes. */
export async function readUses(
  reader: Reader,
  wishes: readonly Consumption[],
  opened: ReadonlyMap<string, JudgedLicense>,
): Promise<Map<string, Use>> {
  const ids: string[] = [];
  const keys: string[] = [];
  for (const { key, idempotencyKey } of wishes) {
    const license = idempotencyKey ? opened.get(key) : undefined;
    if (!license || !idempotencyKey) continue;
    ids.push(license.id);
    keys.push(idempotencyKey);
  }
  const found = ids.length > 0 ? await reader.read<NewUse>('license uses', USES, [ids, keys]) : [];
  return new Map(found.map((use) => [useName(use.licenseKeyId, use.idempotencyKey), use]));
}

const USES = `
  SELECT u."licenseKeyId", u."idempotencyKey", u.units, u.code, u.usage, u."limitUsage"
  FROM "LicenseUse" u
  JOIN unnest($1::text[], $2::text[]) AS n(id, key) ON u."licenseKeyId" = n.id AND u."idempotencyKey" = n.key`;
