/** Why a provider did not do what it was asked, and who can do something about it. */
export interface Problem {
  who: 'CUSTOMER' | 'MERCHANT' | 'SYSTEM';
  code: string;
  message: string;
  /** When it may be asked again, if it said so. */
  seconds: number | null;
  /** Its own words, where there were any: for the merchant, beside ours. */
  said?: string;
}

/** What a call ends with when the provider refused it, or never answered. */
export class ProviderError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.message, options);
    this.problem = problem;
  }
}

const SAID_CHARACTERS = 200;

/** Its own words in one line, short enough to be shown. */
export const wordsOf = (provider: string, status: number, message: string): string => {
  const words = message.replace(/\s+/g, ' ').trim().slice(0, SAID_CHARACTERS);
  return status > 0 ? `${provider} answered ${status}: ${words}` : `${provider} could not be asked: ${words}`;
};

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
