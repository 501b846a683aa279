import {
  ConflictError,
  InsufficientCreditsError,
  InvalidInputError,
  LicenseRefusedError,
  LimitReachedError,
  NotFoundError,
} from '../lib/errors.ts';
import type { Builder } from './builder.ts';

/** The mistakes a mutation answers instead of its payload. */
export function defineUserErrors(builder: Builder): void {
  builder.interfaceType('UserError', {
    description: 'A mistake in what was asked. Nothing was done.',
    fields: (t) => ({
      code: t.exposeString('code', {
        description:
          'Names the rule, for programs: INVALID_INPUT, NOT_FOUND, CONFLICT, LIMIT_REACHED, INSUFFICIENT_CREDITS, or why a license key was refused, as a LicenseValidationCode.',
      }),
      message: t.exposeString('message', { description: 'Says what to do, for people, in English.' }),
      path: t.stringList({
        description: 'The input field at fault, from the outermost in; list indices included.',
        resolve: ({ path }) => [...path],
      }),
    }),
  });
  builder.objectType(InvalidInputError, {
    name: 'InvalidInputError',
    interfaces: ['UserError'],
    description: 'A value is malformed or outside its limits.',
  });
  builder.objectType(NotFoundError, {
    name: 'NotFoundError',
    interfaces: ['UserError'],
    description: 'An id finds nothing in this organization.',
  });
  builder.objectType(ConflictError, {
    name: 'ConflictError',
    interfaces: ['UserError'],
    description: 'The request is sound, but what stands does not allow it.',
  });
  builder.objectType(LicenseRefusedError, {
    name: 'LicenseRefusedError',
    interfaces: ['UserError'],
    description: 'The license key may not do this; `code` is the first reason that applies, as in a validation.',
  });
  builder.objectType(LimitReachedError, {
    name: 'LimitReachedError',
    interfaces: ['UserError'],
    description: 'A limit the merchant set is reached.',
    fields: (t) => ({ limit: t.exposeInt('limit', { description: 'The limit.' }) }),
  });
  builder.objectType(InsufficientCreditsError, {
    name: 'InsufficientCreditsError',
    interfaces: ['UserError'],
    description: 'There are not enough credits; none were taken.',
    fields: (t) => ({
      available: t.field({
        type: 'Decimal',
        description: 'How many there are to spend.',
        resolve: ({ available }) => available,
      }),
    }),
  });
}
