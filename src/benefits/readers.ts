import { mailsReader } from '../domain/mails/reading.ts';
import type { Reader } from '../domain/readers.ts';
import type { Kind } from './kind.ts';

export interface ReaderOptions {
  kinds: readonly Kind[];
}

/** Everyone who reads the log to tell the world. What they say about a kind comes from the kind. */
export const readersOf = (_options: ReaderOptions): readonly Reader[] => [mailsReader];
