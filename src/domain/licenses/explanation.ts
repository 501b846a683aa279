import { isId } from '../../lib/id.ts';
import type { Database } from '../../platform/database.ts';
import { explain, type NamedActivation, type Reason, refusals, type Scope } from './judgement.ts';
import { readActivations, readRecordsById } from './records.ts';

/** What a validation would find, and in words why. */
export interface Explanation {
  at: Date;
  valid: boolean;
  reasons: { code: Reason; message: string }[];
}

export interface Hypothesis extends Scope {
  organizationId: string;
  licenseKeyId: string;
  at: Date;
}

/**
 * Judges a license, as it stands now, by the clock of another time: the same judgement that validation makes. Of a key
 * that was rotated the newest one is meant.
 */
export async function explainAt(
  database: Database,
  { licenseKeyId, at, ...scope }: Hypothesis,
): Promise<Explanation | null> {
  const [record] = isId('licenseKey', licenseKeyId) ? await readRecordsById(database, licenseKeyId) : [];
  if (record?.organizationId !== scope.organizationId) return null;
  const named = scope.activationId ?? '';
  const activations: NamedActivation[] = isId('activation', named) ? await readActivations(database, [named]) : [];
  const reasons = refusals(record, activations[0] ?? null, scope, at);
  return { at, valid: reasons.length === 0, reasons: reasons.map((code) => ({ code, message: explain(code) })) };
}
