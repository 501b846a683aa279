import type { Bus } from './bus.ts';
import { openListeners } from './bus-listeners.ts';

/** The bus of a process that is alone. */
export function openMemoryBus(): Bus {
  const listeners = openListeners();
  return {
    ring(topics) {
      const rung = [...topics];
      // Whoever rings is not kept waiting by whoever listens.
      setImmediate(() => rung.forEach(listeners.ring));
    },
    async listen(topic, onRing) {
      const leave = listeners.add(topic, onRing);
      return async () => leave();
    },
    isUp: () => true,
    async [Symbol.asyncDispose]() {},
  };
}
