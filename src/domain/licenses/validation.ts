import { type LicenseRecord, type NamedActivation, type Reason, refusals, type Scope } from './judgement.ts';

export interface Question extends Scope {
  key: string;
}

/** Always an answer: a refused license is no error. */
export interface Answer {
  valid: boolean;
  /** The first reason that applies; `VALID` when none does. */
  code: Reason | 'VALID';
  reasons: Reason[];
  usage: number | null;
  limitUsage: number | null;
  expiresAt: Date | null;
  activations: { used: number; limit: number | null } | null;
  activation: { id: string; label: string } | null;
  customer: { id: string; externalId: string | null } | null;
  /** Which license it is about, for those who may know; null when none was found. */
  licenseKeyId: string | null;
}

/** Whether a license may be used, in this scope, at this time. Pure. */
export function answer(
  record: LicenseRecord | null,
  activation: NamedActivation | null,
  scope: Scope,
  now: Date,
): Answer {
  const reasons = refusals(record, activation, scope, now);
  const code = reasons[0] ?? 'VALID';
  if (!record || code === 'NOT_FOUND') return { ...UNKNOWN, reasons };
  return {
    valid: code === 'VALID',
    code,
    reasons,
    usage: record.usage,
    limitUsage: record.limitUsage,
    expiresAt: record.expiresAt,
    activations: { used: record.activationsUsed, limit: record.limitActivations },
    activation: activation?.licenseKeyId === record.id ? { id: activation.id, label: activation.label } : null,
    customer: { id: record.customerId, externalId: record.customerExternalId },
    licenseKeyId: record.id,
  };
}

/** The same of a key that does not exist and of one that is another organization's. */
const UNKNOWN = {
  valid: false,
  code: 'NOT_FOUND',
  usage: null,
  limitUsage: null,
  expiresAt: null,
  activations: null,
  activation: null,
  customer: null,
  licenseKeyId: null,
} as const;
