/**
 * A doorbell between nodes: ringing says "look at the log", never what stands there. A lost ring costs time and
 * nothing else, since whoever listens follows the log by itself as well.
 */
export interface Bus extends AsyncDisposable {
  /** Rings after a commit. Never throws and never waits: a bus that is away must not fail what was committed. */
  ring(topics: Iterable<string>): void;
  /**
   * Resolves once the subscription stands, so that nothing rung from then on is missed; while the bus is away that
   * takes until it is back. Whatever may have been missed meanwhile is made up for by a ring.
   */
  listen(topic: string, onRing: () => void): Promise<() => Promise<void>>;
  /** Whether rings reach the other nodes at the moment. */
  isUp(): boolean;
}

export const organizationTopic = (organizationId: string): string => `organization:${organizationId}`;

/** Rung whatever happens, in whichever organization. */
export const ANY_ORGANIZATION = 'organization:*';
