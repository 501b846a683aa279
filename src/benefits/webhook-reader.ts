import type { Event } from '../../prisma/generated/client/client.ts';
import type { Reader } from '../domain/readers.ts';
import { listenedTo, publish, READER } from '../domain/webhooks/fan-out.ts';
import type { Kind } from './kind.ts';
import { wire } from './wire.ts';

/** Puts every event in line for the endpoints that want to hear of it. */
export const webhookReader = (kinds: readonly Kind[]): Reader => ({
  name: READER,
  hears: listenedTo,
  hear: (tx, events) => publish(tx, events, (event) => bodyOf(kinds, event)),
});

/** What is sent, byte for byte, at every attempt. */
export function bodyOf(
  kinds: readonly Kind[],
  event: Pick<Event, 'id' | 'type' | 'data' | 'occurredAt'> & { sequence?: bigint },
): string {
  const { id, type, occurredAt, sequence } = event;
  const envelope = { type, timestamp: occurredAt, data: wire(kinds, event), id };
  return JSON.stringify(sequence === undefined ? envelope : { ...envelope, sequence: String(sequence) });
}
