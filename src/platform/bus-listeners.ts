/** Who in this process listens to which topic. */
export interface Listeners {
  /** Answers how to stop listening. */
  add(topic: string, onRing: () => void): () => void;
  ring(topic: string): void;
  ringAll(): void;
}

export function openListeners(): Listeners {
  const byTopic = new Map<string, Set<{ onRing: () => void }>>();
  const ring = (topic: string): void => {
    for (const { onRing } of byTopic.get(topic) ?? []) onRing();
  };

  return {
    add(topic, onRing) {
      const listener = { onRing };
      const others = byTopic.get(topic);
      if (others) others.add(listener);
      else byTopic.set(topic, new Set([listener]));
      return () => {
        const left = byTopic.get(topic);
        left?.delete(listener);
        if (left?.size === 0) byTopic.delete(topic);
      };
    },
    ring,
    ringAll() {
      for (const topic of [...byTopic.keys()]) ring(topic);
    },
  };
}
