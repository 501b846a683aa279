/** Does the work for many inputs at once; answers in their order. An answer that is an Error fails its call alone. */
export type Batch<Input, Output> = (inputs: readonly Input[]) => Promise<readonly (Output | Error)[]>;

/**
 * Calls that come together, or while others are under way, are done together. At most `lanes` batches of at most
 * `most` calls are under way at once, so that a flood makes batches larger and not more numerous.
 */
export function batching<Input, Output>(
  { most, lanes }: { most: number; lanes: number },
  work: Batch<Input, Output>,
): (input: Input) => Promise<Output> {
  let waiting: Call<Input, Output>[] = [];
  let underWay = 0;
  let scheduled = false;

  const schedule = (): void => {
    if (scheduled || underWay >= lanes || waiting.length === 0) return;
    scheduled = true;
    // Everything that has arrived by now gets in.
    setImmediate(() => {
      scheduled = false;
      void depart();
    });
  };
  const depart = async (): Promise<void> => {
    const calls = waiting.slice(0, most);
    waiting = waiting.slice(most);
    underWay += 1;
    schedule();
    await settle(calls, work);
    underWay -= 1;
    schedule();
  };

  return (input) =>
    new Promise((resolve, reject) => {
      waiting.push({ input, resolve, reject });
      schedule();
    });
}

interface Call<Input, Output> {
  input: Input;
  resolve: (output: Output) => void;
  reject: (error: unknown) => void;
}

async function settle<Input, Output>(calls: readonly Call<Input, Output>[], work: Batch<Input, Output>): Promise<void> {
  try {
    const outputs = await work(calls.map(({ input }) => input));
    for (const [index, { resolve, reject }] of calls.entries()) {
      const output = outputs[index];
      if (output instanceof Error) reject(output);
      else resolve(output as Output);
    }
  } catch (error) {
    for (const { reject } of calls) reject(error);
  }
}
