/** Why a provider did not do what it was asked, and who can do something about it. */
export interface Problem {
  who: 'CUSTOMER' | 'MERCHANT' | 'SYSTEM';
  code: string;
  message: string;
  /** When it may be asked again, if it said so. */
  seconds: number | null;
}

/** What a call ends with when the provider refused it, or never answered. */
export class ProviderError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.message, options);
    this.problem = problem;
  }
}

export const customersProblem = (code: string, message: string): Problem => ({
  who: 'CUSTOMER',
  code,
  message,
  seconds: null,
});

export const merchantsProblem = (code: string, message: string): Problem => ({
  who: 'MERCHANT',
  code,
  message,
  seconds: null,
});

export const nobodysProblem = (code: string, message: string, seconds: number | null = null): Problem => ({
  who: 'SYSTEM',
  code,
  message,
  seconds,
});
