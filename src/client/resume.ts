import type { FormattedExecutionResult } from 'graphql';
import type { Client, Sink } from 'graphql-ws';

/** A subscription whose messages carry a `cursor` and that takes the last one as the variable `after`. */
export interface Resumable {
  query: string;
  variables?: Record<string, unknown>;
}

/**
 * Subscribes with a stock graphql-ws client so that nothing is missed and nothing told twice, whatever happens to the
 * connection: the client sends the same payload again when it reconnects, and this keeps the last cursor in it. Give
 * the client `retryAttempts: Infinity` for it to keep trying. Answers how to stop.
 *
 * An error with the code `CURSOR_EXPIRED` means that one was away for more than 30 days: read what stands now, with a
 * `liveCursor`, and subscribe from there.
 */
export function resume<Data extends object>(
  client: Client,
  { query, variables }: Resumable,
  sink: Sink<FormattedExecutionResult<Data, unknown>>,
): () => void {
  const payload = { query, variables: { ...variables } };
  return client.subscribe<Data>(payload, {
    ...sink,
    next(message) {
      payload.variables.after = cursorOf(message.data) ?? payload.variables.after;
      sink.next(message);
    },
  });
}

/** The cursor of the one field a subscription has, whatever it is called. */
function cursorOf(data: object | null | undefined): string | undefined {
  const [told] = Object.values(data ?? {}) as { cursor?: string }[];
  return told?.cursor;
}
