import type { Units } from '../../lib/units.ts';
import type { Book, Hold } from './book.ts';
import { burn } from './burning.ts';

/** Sets units aside. Whether there are enough of them is for the caller to ask first. */
export const hold = (book: Book, { id, units, expiresAt }: Pick<Hold, 'id' | 'units' | 'expiresAt'>): Book => ({
  ...book,
  holds: [...book.holds, { id, state: 'OPEN', units, committed: null, expiresAt, endedAt: null }],
});

/** Uses so much of what a hold set aside, and frees the rest. It counts even when the credits have ended meanwhile. */
export const commit = (book: Book, holdId: string, units: Units): Book =>
  burn(end(book, holdId, { state: 'COMMITTED', committed: units }), units, {
    type: 'USED',
    cause: 'HOLD',
    note: holdId,
  });

/** Frees what a hold set aside. */
export const release = (book: Book, holdId: string): Book => end(book, holdId, { state: 'RELEASED' });

const end = (book: Book, holdId: string, change: Partial<Hold>): Book => ({
  ...book,
  holds: book.holds.map((one) => (one.id === holdId ? { ...one, ...change, endedAt: book.asOf } : one)),
});
