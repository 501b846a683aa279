/** There is no more. */
export const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

function itself<Self>(this: Self): Self {
  return this;
}

/**
 * What `next` tells, one after the other, until it says that it is done or nobody wants to hear more and `end` is called.
 * Not an async generator: one of those cannot be ended while it waits.
 */
export function streamOf<Item>(
  next: () => Promise<IteratorResult<Item, undefined>>,
  end: () => unknown,
): AsyncIterableIterator<Item, undefined> {
  return {
    next,
    async return() {
      await end();
      return DONE;
    },
    // One for all of them: thousands wait.
    [Symbol.asyncIterator]: itself,
  };
}
