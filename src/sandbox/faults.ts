import type { Answer } from './exchange.ts';

/**
 * What goes wrong with a call. An answer comes without the effect; `hangs` answers nothing, for as long as the caller
 * waits; `breaks off` ends the connection before anything was done, `does it and breaks off` after; `cuts the answer`
 * does it and sends the first half.
 */
export type Fault = Answer | 'hangs' | 'breaks off' | 'does it and breaks off' | 'cuts the answer';

export const FAULTS = ['hangs', 'breaks off', 'does it and breaks off', 'cuts the answer'] as const;

/** Failures on demand. */
export function openFaults() {
  const orders: { fault: Fault; matches: (route: string) => boolean; left: number }[] = [];
  return {
    /** The next calls (of one route, when that is named) go wrong. */
    order(fault: Fault, { route, times = 1 }: { route?: string; times?: number } = {}): void {
      orders.push({ fault, matches: (called) => route === undefined || called === route, left: times });
    },
    /** What goes wrong with a call of this route, if anything does. */
    take(route: string): Fault | undefined {
      const index = orders.findIndex(({ matches }) => matches(route));
      const order = orders[index];
      if (!order) return undefined;
      order.left -= 1;
      if (order.left <= 0) orders.splice(index, 1);
      return order.fault;
    },
    clear(): void {
      orders.length = 0;
    },
  };
}
