import type { RateLimiter, RateLimiters } from '../../platform/rate-limiter.ts';

/** What limits those who ask without a token. */
export interface LicenseLimits {
  perKey: RateLimiter;
  perAddress: RateLimiter;
}

/** A call for a key that nobody has takes this much of what its address may. */
export const MISS_TOKENS = 5;

export const openLicenseLimits = (limiters: RateLimiters): LicenseLimits => ({
  perKey: limiters.open({ name: 'license-key', perSecond: 10, burst: 50 }),
  perAddress: limiters.open({ name: 'license-address', perSecond: 50, burst: 100 }),
});
