/** Does the work for many inputs at once; answers in their order. An answer that is an Error fails its call alone. */
export type Batch<Input, Output> = (inputs: readonly Input[]) => Promise<readonly (Output | Error)[]>;

interface Options<Input> {
  /** Calls in one batch. */
  most: number;
  /** Batches under way at once. */
  lanes: number;
  /** What it takes for itself: of two batches with a key in common one would wait for the other, so they are one. */
  keysOf?(input: Input): Iterable<string>;
}

/**
 * Calls that come together, or while others are under way, are done together. At most `lanes` batches of at most
 * `most` calls are under way at once, so that a flood makes batches larger and not more numerous.
 */
export function batching<Input, Output>(
  { most, lanes, keysOf }: Options<Input>,
  work: Batch<Input, Output>,
): (input: Input) => Promise<Output> {
  let waiting: Call<Input, Output>[] = [];
  const taken = new Set<string>();
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
    const calls = board();
    if (calls.length === 0) return;
    underWay += 1;
    schedule();
    await settle(calls, work);
    underWay -= 1;
    for (const { keys } of calls) for (const key of keys) taken.delete(key);
    schedule();
  };
  /** Those whose turn it is. Nobody overtakes a call that waits for a key they need, too. */
  const board = (): Call<Input, Output>[] => {
    const calls: Call<Input, Output>[] = [];
    const left: Call<Input, Output>[] = [];
    const awaited = new Set<string>();
    for (const call of waiting) {
      const waits = calls.length === most || call.keys.some((key) => taken.has(key) || awaited.has(key));
      (waits ? left : calls).push(call);
      if (waits) for (const key of call.keys) awaited.add(key);
    }
    waiting = left;
    for (const { keys } of calls) for (const key of keys) taken.add(key);
    return calls;
  };

  return (input) =>
    new Promise((resolve, reject) => {
      waiting.push({ input, keys: keysOf ? [...keysOf(input)] : [], resolve, reject });
      schedule();
    });
}

/** Where each failure takes its time, whoever is left after so long is not divided any further. */
const DIVIDED_MS = 120_000;

/**
 * The same work, done in halves again and again where doing it for all has failed and `wasUndone` says that nothing is left
 * of it: it fails for those alone because of whom it fails.
 */
export function inHalves<Input, Output>(
  work: Batch<Input, Output>,
  wasUndone: (error: unknown) => boolean,
): Batch<Input, Output> {
  const done = async (inputs: readonly Input[], until: number): Promise<readonly (Output | Error)[]> => {
    try {
      return await work(inputs);
    } catch (error) {
      if (inputs.length < 2 || !wasUndone(error) || performance.now() >= until) throw error;
    }
    const middle = inputs.length >> 1;
    const answers: (Output | Error)[] = [];
    for (const half of [inputs.slice(0, middle), inputs.slice(middle)]) {
      const theirs = await done(half, until).catch((error) => half.map(() => toError(error)));
      answers.push(...theirs);
    }
    return answers;
  };
  return (inputs) => done(inputs, performance.now() + DIVIDED_MS);
}

const toError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));

interface Call<Input, Output> {
  input: Input;
  keys: readonly string[];
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
