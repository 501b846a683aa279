import { type Context, createContext, type Services } from '../graphql/context.ts';

/** How an operation and the connection it came over end each other. */
export interface Ending {
  /** Aborts when nobody hears the answer any more. */
  signal: AbortSignal;
  /** Called when somebody is too slow to hear more of it. */
  onSlow: () => void;
  /** Called when we fail to tell something. */
  onBroken: () => void;
}

/** The context of one operation, whose live streams end when the connection does, whoever forgets to end them. */
export function openContext(
  services: Services,
  request: Pick<Context, 'viewer' | 'requestId' | 'address'>,
  { signal, onSlow }: Pick<Ending, 'signal' | 'onSlow'>,
): Context {
  const feed: Services['feed'] = { follow: (wish) => services.feed.follow({ ...wish, signal, onSlow }) };
  return createContext({ ...services, feed }, request);
}
