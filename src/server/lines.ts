import { type Line, readLine } from '../domain/usage/imports.ts';

/** So many lines are worth a transaction. */
const ENOUGH_LINES = 1_000;
/** No more than these are held, whichever comes first. */
const MOST_LINES = 4_000;
const MOST_CHARACTERS = 1_000_000;

/**
 * The lines of a file but for the first ones, read on while whoever asked for them is busy with those before: the slower
 * that goes, the more lines go into one transaction. They are read no faster than that. Once nobody asks any more, the
 * rest is heard and forgotten, so that its sender gets to read why.
 */
export async function* gather(lines: AsyncIterable<string | null>, passedOver: number): AsyncGenerator<Line[]> {
  let held: Line[] = [];
  let characters = 0;
  let isOver = false;
  let isLeft = false;
  let failure: { error: unknown } | null = null;
  let change = Promise.withResolvers<void>();
  const changed = (): void => {
    change.resolve();
    change = Promise.withResolvers();
  };
  const isFull = (): boolean => held.length >= MOST_LINES || characters >= MOST_CHARACTERS;
  const isEnough = (): boolean => held.length >= ENOUGH_LINES || characters >= MOST_CHARACTERS;

  const readOn = async (): Promise<void> => {
    let number = 0;
    for await (const text of lines) {
      if (isLeft || ++number <= passedOver) continue;
      held.push(readLine(text));
      characters += text?.length ?? 0;
      if (isEnough()) changed();
      while (isFull() && !isLeft) await change.promise;
    }
  };
  readOn()
    .catch((error: unknown) => (failure = { error }))
    .finally(() => {
      isOver = true;
      changed();
    });

  try {
    while (true) {
      while (!isEnough() && !isOver) await change.promise;
      // What was read of a step before the file broke off is left: whoever sends it again begins there.
      if (failure && !isEnough()) throw (failure as { error: unknown }).error;
      if (held.length === 0) return;
      const taken = held;
      [held, characters] = [[], 0];
      changed();
      yield taken;
    }
  } finally {
    isLeft = true;
    changed();
  }
}
