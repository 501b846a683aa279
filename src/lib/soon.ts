/** What is there, or will be. To wait for what is there costs more than many a thing that is done with it. */
export type Soon<Value> = Value | Promise<Value>;

export const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';

/** Goes on with it: at once, when it is there. */
export const goOn = <Value, Next>(value: Soon<Value>, next: (value: Value) => Soon<Next>): Soon<Next> =>
  isPromise(value) ? (value as Promise<Value>).then(next) : next(value);
