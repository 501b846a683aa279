import { checkInteger, checkText } from '../../lib/checks.ts';
import { InvalidInputError } from '../../lib/errors.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import { type NamedActivation, type Reason, refusals } from './judgement.ts';
import { lockByKey } from './locking.ts';

const UNITS_LIMIT = 2_147_483_647;

export interface Consumption {
  key: string;
  organizationId?: string | null;
  units: number;
  idempotencyKey?: string | null;
  activationId?: string | null;
}

/** `valid`: these units were taken. `usage` is what stands afterwards. */
export interface ConsumptionAnswer {
  valid: boolean;
  code: Reason | 'VALID';
  usage: number | null;
  limitUsage: number | null;
}

/** Takes units of a license's usage, never more than its limit, however many ask at once. A repeat answers the same. */
export async function consume(tx: Tx, input: Consumption): Promise<ConsumptionAnswer> {
  const units = checkInteger(input.units, ['units'], 1, UNITS_LIMIT);
  const idempotencyKey = input.idempotencyKey ? checkText(input.idempotencyKey, ['idempotencyKey'], 200) : null;
  const locked = await lockByKey(tx, input.key);
  const scope = { organizationId: input.organizationId ?? null, activationId: input.activationId ?? null };
  const activation = locked && input.activationId ? await findActivation(tx, input.activationId) : null;
  const reasons = refusals(locked?.record ?? null, activation, scope, tx.now);
  if (!locked || reasons[0] === 'NOT_FOUND') return { valid: false, code: 'NOT_FOUND', usage: null, limitUsage: null };

  const { key } = locked;
  const where = { licenseKeyId_idempotencyKey: { licenseKeyId: key.id, idempotencyKey: idempotencyKey ?? '' } };
  const before = idempotencyKey ? await tx.db.licenseUse.findUnique({ where }) : null;
  if (before && before.units !== units) throw new InvalidInputError('This idempotency key was used for another number of units.', ['idempotencyKey']);
  if (before) return answer(before.code as Reason | 'VALID', before.usage, key.limitUsage);

  const exceeds = key.limitUsage !== null && key.usage + units > key.limitUsage;
  const code = reasons[0] ?? (exceeds || key.usage + units > UNITS_LIMIT ? 'USAGE_EXCEEDED' : 'VALID');
  const usage = code === 'VALID' ? key.usage + units : key.usage;
  if (code === 'VALID') await tx.db.licenseKey.update({ where: { id: key.id }, data: { usage } });
  if (idempotencyKey) await tx.db.licenseUse.create({ data: { licenseKeyId: key.id, idempotencyKey, units, code, usage, createdAt: tx.now } });
  return answer(code, usage, key.limitUsage);
}

const answer = (code: Reason | 'VALID', usage: number, limitUsage: number | null): ConsumptionAnswer => ({
  valid: code === 'VALID',
  code,
  usage,
  limitUsage,
});

async function findActivation(tx: Tx, id: string): Promise<NamedActivation | null> {
  const found = await tx.db.licenseActivation.findFirst({ where: { id, deactivatedAt: null } });
  return found && { ...found, conditions: found.conditions as NamedActivation['conditions'] };
}
