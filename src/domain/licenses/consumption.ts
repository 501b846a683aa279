import { checkIfAny, checkInteger, checkMetadata, checkText } from '../../lib/checks.ts';
import { InvalidInputError } from '../../lib/errors.ts';
import { normalizeLicenseKey } from '../../lib/license-key.ts';
import { type JudgedLicense, type NamedActivation, type Reason, refusals, type Scope } from './judgement.ts';

const UNITS_LIMIT = 2_147_483_647;
const KEY_CHARACTERS = 200;

/** A wish to take units of a license's usage, by whoever has its key. */
export interface Consumption extends Pick<Scope, 'organizationId' | 'activationId' | 'fingerprint' | 'conditions'> {
  key: string;
  units: number;
  idempotencyKey?: string | null;
}

/** `valid`: these units were taken. `usage` is what stands afterwards. */
export interface ConsumptionAnswer {
  valid: boolean;
  code: Reason | 'VALID';
  usage: number | null;
  limitUsage: number | null;
}

/** What was answered under an idempotency key. */
export interface Use {
  units: number;
  code: string;
  usage: number;
  limitUsage: number | null;
}

/** The wish, with its key in the normal spelling, if it makes sense; throws what is wrong with it. */
export function checkConsumption({ key, units, idempotencyKey, conditions, ...rest }: Consumption): Consumption {
  return {
    ...rest,
    key: normalizeLicenseKey(key),
    conditions: checkIfAny(conditions, (value) => checkMetadata(value, ['conditions'])),
    units: checkInteger(units, ['units'], 1, UNITS_LIMIT),
    idempotencyKey: checkIfAny(idempotencyKey, (key) => checkText(key, ['idempotencyKey'], KEY_CHARACTERS)),
  };
}

/**
 * What becomes of a wish, given the license as it stands under its lock. Judged as a validation is; beyond that, all of
 * the units must fit. A repeat answers what was answered before, whatever has changed since.
 */
export function decide(
  record: JudgedLicense | null,
  activation: NamedActivation | null,
  before: Use | null,
  { units, ...scope }: Consumption,
  now: Date,
): ConsumptionAnswer {
  const [reason] = refusals(record, activation, scope, now);
  if (!record || reason === 'NOT_FOUND') return { valid: false, code: 'NOT_FOUND', usage: null, limitUsage: null };
  if (before && before.units !== units) {
    throw new InvalidInputError('This idempotency key was used for another number of units.', ['idempotencyKey']);
  }
  if (before) return answer(before.code as Reason | 'VALID', before.usage, before.limitUsage);
  const { usage, limitUsage } = record;
  const code = reason ?? (usage + units > (limitUsage ?? UNITS_LIMIT) ? 'USAGE_EXCEEDED' : 'VALID');
  return answer(code, code === 'VALID' ? usage + units : usage, limitUsage);
}

const answer = (code: Reason | 'VALID', usage: number, limitUsage: number | null): ConsumptionAnswer => ({
  valid: code === 'VALID',
  code,
  usage,
  limitUsage,
});
