import { isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { RateLimiter, RateLimiters } from '../../platform/rate-limiter.ts';

/** What limits those who ask without a token. */
export interface LicenseLimits {
  perKey: RateLimiter;
  perAddress: RateLimiter;
}

/** A call for a key that nobody has takes this much of what its address may. */
export const MISS_TOKENS = 5;

/** What counts as one address: whoever has one of IPv6 commonly has all of its /64 with it, and could take another each time. */
export function oneOf(address: string): string {
  if (!isIPv6(address)) return address;
  return `${ipaddr.IPv6.parse(address).parts.slice(0, 4).join(':')}::`;
}

export const openLicenseLimits = (limiters: RateLimiters): LicenseLimits => ({
  perKey: limiters.open({ name: 'license-key', perSecond: 10, burst: 50 }),
  perAddress: limiters.open({ name: 'license-address', perSecond: 50, burst: 100 }),
});
