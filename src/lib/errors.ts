/**
 * Broken rules: what a caller can mend. Each names its rule in `code`, says what to do in `message`, and points
 * at the input field with `path`. Broken systems are ordinary exceptions and never reach a caller as they are.
 */
export interface BrokenRule extends Error {
  readonly code: string;
  /** From the outermost input field to the one at fault, list indices included. */
  readonly path: readonly string[];
}

/** A value is malformed or outside its limits. */
export class InvalidInputError extends Error {
  readonly code = 'INVALID_INPUT';
  readonly path: readonly string[];
  constructor(message: string, path: readonly string[]) {
    super(message);
    this.path = path;
  }
}

/** An id that finds nothing here: unknown, malformed, or another organization's; which of them is not told. */
export class NotFoundError extends Error {
  readonly code = 'NOT_FOUND';
  readonly path: readonly string[];
  constructor(noun: string, path: readonly string[]) {
    super(`There is no such ${noun}.`);
    this.path = path;
  }
}

/** The request is sound, but what stands does not allow it. */
export class ConflictError extends Error {
  readonly code = 'CONFLICT';
  readonly path: readonly string[];
  constructor(message: string, path: readonly string[]) {
    super(message);
    this.path = path;
  }
}

/** A license key that may not do this; `code` is the first reason that applies, as in validation. */
export class LicenseRefusedError extends Error {
  readonly code: string;
  readonly path: readonly string[];
  constructor(code: string, message: string, path: readonly string[]) {
    super(message);
    this.code = code;
    this.path = path;
  }
}

/** A limit the merchant set is reached. */
export class LimitReachedError extends Error {
  readonly code = 'LIMIT_REACHED';
  readonly limit: number;
  readonly path: readonly string[];
  constructor(message: string, limit: number, path: readonly string[]) {
    super(message);
    this.limit = limit;
    this.path = path;
  }
}

/** There are not enough credits. `available`: how many there are to spend, as a decimal. */
export class InsufficientCreditsError extends Error {
  readonly code = 'INSUFFICIENT_CREDITS';
  readonly available: string;
  readonly path: readonly string[];
  constructor(available: string, path: readonly string[]) {
    super(`There are ${available} credits to spend.`);
    this.available = available;
    this.path = path;
  }
}

export const isBrokenRule = (error: unknown): error is BrokenRule =>
  error instanceof InvalidInputError ||
  error instanceof NotFoundError ||
  error instanceof ConflictError ||
  error instanceof LicenseRefusedError ||
  error instanceof LimitReachedError ||
  error instanceof InsufficientCreditsError;
