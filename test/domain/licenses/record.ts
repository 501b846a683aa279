import type { LicenseRecord, NamedActivation } from '../../../src/domain/licenses/judgement.ts';

export const NOW = new Date('2026-03-15T12:00:00.000Z');
export const before = new Date(NOW.getTime() - 1);
export const later = new Date(NOW.getTime() + 1);

/** A license that nothing speaks against. */
export const license = (some: Partial<LicenseRecord> = {}): LicenseRecord => ({
  id: 'lic_1',
  organizationId: 'org_1',
  customerId: 'cus_1',
  customerExternalId: 'user_1',
  benefitId: 'ben_1',
  status: 'GRANTED',
  usage: 0,
  limitUsage: null,
  limitActivations: 3,
  activationsRequired: false,
  activationsUsed: 1,
  expiresAt: null,
  secretUntil: null,
  entitledUntil: null,
  stoppedAt: null,
  ...some,
});

export const machine = (some: Partial<NamedActivation> = {}): NamedActivation => ({
  id: 'act_1',
  licenseKeyId: 'lic_1',
  label: 'Laptop',
  fingerprint: null,
  conditions: {},
  ...some,
});
