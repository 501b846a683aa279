import { isOpen } from '../grants/entitlement.ts';

/** Why a license is refused, in the order in which the reasons are given. */
export const REASONS = [
  'NOT_FOUND',
  'REVOKED',
  'DISABLED',
  'EXPIRED',
  'BENEFIT_MISMATCH',
  'CUSTOMER_MISMATCH',
  'ACTIVATION_REQUIRED',
  'ACTIVATION_NOT_FOUND',
  'CONDITIONS_MISMATCH',
  'USAGE_EXCEEDED',
] as const;

export type Reason = (typeof REASONS)[number];

/** What is told of a license, and what it is judged by. */
export interface LicenseRecord extends JudgedLicense {
  customerExternalId: string | null;
  limitActivations: number | null;
  activationsUsed: number;
}

export interface JudgedLicense {
  id: string;
  organizationId: string;
  customerId: string;
  benefitId: string;
  status: 'GRANTED' | 'DISABLED';
  usage: number;
  limitUsage: number | null;
  activationsRequired: boolean;
  expiresAt: Date | null;
  /** Of the key that was shown: set when it was rotated away. */
  secretUntil: Date | null;
  /** Of the grant behind the key. */
  entitledUntil: Date | null;
  stoppedAt: Date | null;
}

/** An activation that was named and has not been deactivated. */
export interface NamedActivation {
  id: string;
  licenseKeyId: string;
  label: string;
  fingerprint: string | null;
  conditions: Conditions;
}

export type Conditions = Record<string, string | number | boolean>;

/** What whoever asks says about their own situation; everything is optional. */
export interface Scope {
  organizationId?: string | null;
  benefitId?: string | null;
  customerId?: string | null;
  activationId?: string | null;
  fingerprint?: string | null;
  conditions?: Conditions | null;
}

/**
 * Every reason for which a license is refused, the most decisive first; empty when it is valid. Pure: the only
 * judgement there is over a record, a scope and a time.
 */
export function refusals(
  license: JudgedLicense | null,
  activation: NamedActivation | null,
  scope: Scope,
  now: Date,
): Reason[] {
  if (!license || (scope.organizationId && scope.organizationId !== license.organizationId)) return ['NOT_FOUND'];
  const named = activation?.licenseKeyId === license.id && fits(activation, scope) ? activation : null;
  const applies: Record<Reason, boolean> = {
    NOT_FOUND: false,
    REVOKED: license.stoppedAt !== null || !isOpen(license.entitledUntil, now) || !isOpen(license.secretUntil, now),
    DISABLED: license.status === 'DISABLED',
    EXPIRED: license.expiresAt !== null && license.expiresAt <= now,
    BENEFIT_MISMATCH: Boolean(scope.benefitId) && scope.benefitId !== license.benefitId,
    CUSTOMER_MISMATCH: Boolean(scope.customerId) && scope.customerId !== license.customerId,
    ACTIVATION_REQUIRED: license.activationsRequired && !scope.activationId,
    ACTIVATION_NOT_FOUND: Boolean(scope.activationId) && !named,
    CONDITIONS_MISMATCH: named !== null && !meets(named.conditions, scope.conditions ?? {}),
    USAGE_EXCEEDED: license.limitUsage !== null && license.usage >= license.limitUsage,
  };
  return REASONS.filter((reason) => applies[reason]);
}

/** A reason in words, for whoever must show one. */
export const explain = (reason: Reason): string => EXPLAINED[reason];

const EXPLAINED: Record<Reason, string> = {
  NOT_FOUND: 'There is no such license key.',
  REVOKED: 'The license was revoked.',
  DISABLED: 'The license is disabled.',
  EXPIRED: 'The license has expired.',
  BENEFIT_MISMATCH: 'The license is for something else.',
  CUSTOMER_MISMATCH: 'The license belongs to another customer.',
  ACTIVATION_REQUIRED: 'The license must be activated first.',
  ACTIVATION_NOT_FOUND: 'The activation is not one of this license.',
  CONDITIONS_MISMATCH: 'The activation was made under other conditions.',
  USAGE_EXCEEDED: 'The usage of the license is used up.',
};

/** An activation that was bound to a machine is found from that machine only. */
const fits = (activation: NamedActivation, scope: Scope): boolean =>
  !scope.fingerprint || activation.fingerprint === null || activation.fingerprint === scope.fingerprint;

/** Everything the activation was bound to must be said again, and be the same. */
const meets = (bound: Conditions, said: Conditions): boolean =>
  Object.entries(bound).every(([key, value]) => said[key] === value);
