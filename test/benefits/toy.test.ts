import { afterAll, describe } from 'vitest';
import { toyInRows, toyOutside } from '../support/toy-kind.ts';
import { openProvider } from '../support/toy-provider.ts';
import { exercise } from './exercise.ts';

const provider = await openProvider();
afterAll(() => provider[Symbol.asyncDispose]());

describe('a kind that somebody adds, through the same door', () => {
  exercise(toyInRows());
  exercise(toyInRows({ renews: true }));
  exercise(toyOutside(provider.url));
});
