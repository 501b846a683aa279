import { mailsReader } from '../domain/mails/reading.ts';
import type { Reader } from '../domain/readers.ts';
import type { Kind } from './kind.ts';
import { webhookReader } from './webhook-reader.ts';

export interface ReaderOptions {
  kinds: readonly Kind[];
}

/** Everyone who reads the log to tell the world. What they say about a kind comes from the kind. */
export const readersOf = ({ kinds }: ReaderOptions): readonly Reader[] => [webhookReader(kinds), mailsReader];
