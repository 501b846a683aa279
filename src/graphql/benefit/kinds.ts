import type { Kind } from '../../benefits/kind.ts';

/** `license_keys` as a value of the enum BenefitType: `LICENSE_KEYS`. */
export const typeValueOf = (kind: Kind): string => kind.type.toUpperCase();

/** `license_keys` as a field of BenefitPropertiesInput: `licenseKeys`. */
export const inputKeyOf = (kind: Kind): string =>
  kind.type.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());

export const benefitNameOf = (kind: Kind): string => `${kind.name}Benefit`;

export const deliveryNameOf = (kind: Kind): string => `${kind.name}Delivery`;
