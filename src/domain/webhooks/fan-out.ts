import type { Event } from '../../../prisma/generated/client/client.ts';
import { newId } from '../../lib/id.ts';
import { after, DAY_MS } from '../../lib/time.ts';
import type { Database } from '../../platform/database.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import { wants } from './decisions.ts';
import * as due from './due.ts';

/** Deliveries made in one transaction, if one event alone does not make more: their endpoints are locked meanwhile. */
const MOST_LINES = 2_000;
/** How long what was delivered, or failed for good, can be looked at and sent again. */
const KEPT_MS = 30 * DAY_MS;
const SWEEP_PAGE = 5_000;

/** The place in the log of who puts events in line. */
export const READER = 'webhooks';

/** The organizations whose endpoints there may be something to tell that is not in line yet. */
export async function unheard({ read }: Pick<Database, 'read'>): Promise<string[]> {
  const rows = await read<{ id: string }>(
    'unheard',
    `SELECT o.id FROM "Organization" o
     WHERE o.id IN (SELECT "organizationId" FROM "WebhookEndpoint" WHERE enabled) AND NOT EXISTS (
       SELECT 1 FROM "LogPosition" p
       WHERE p.reader = $1 AND p."organizationId" = o.id AND p.sequence >= o."eventSequence")`,
    [READER],
  );
  return rows.map(({ id }) => id);
}

/** What the endpoints of an organization want to hear of; null: everything. */
export async function listenedTo(tx: Tx, organizationId: string): Promise<string[] | null> {
  const rows = await tx.run<{ type: string }>(
    'listened to',
    'SELECT DISTINCT unnest(events) AS type FROM "WebhookEndpoint" WHERE "organizationId" = $1 AND enabled',
    [organizationId],
  );
  const wanted = rows.map(({ type }) => type);
  return wanted.includes('*') ? null : wanted;
}

/**
 * Has events of one organization told to every endpoint that wants to know, as many as one transaction can take; answers
 * how many. `render` makes the body of a message, once for all endpoints and all attempts.
 */
export async function publish(tx: Tx, events: readonly Event[], render: (event: Event) => string): Promise<number> {
  const organizationId = events[0]?.organizationId ?? '';
  const open = await hold(tx, organizationId, events);
  const told = fitting(events.map((event) => ({ event, audience: open.filter((endpoint) => hears(endpoint, event)) })));
  const heard = told.filter(({ audience }) => audience.length > 0);
  if (heard.length === 0) return told.length;
  await writeMessages(
    tx,
    heard.map(({ event }) => ({ ...event, body: render(event) })),
  );
  const lines = heard.flatMap(({ event, audience }) =>
    audience.map(({ id }) => ({ endpointId: id, messageId: event.id })),
  );
  await putInLine(tx, organizationId, lines);
  return told.length;
}

/** The first of them, one at least, that do not make too many lines. */
function fitting<Told extends { audience: readonly unknown[] }>(all: readonly Told[]): readonly Told[] {
  let lines = 0;
  const end = all.findIndex(({ audience }, index) => {
    lines += audience.length;
    return lines > MOST_LINES && index > 0;
  });
  return end < 0 ? all : all.slice(0, end);
}

/** Puts a message that is no event in line for one endpoint. Answers the delivery. */
export async function sendOne(
  tx: Tx,
  {
    organizationId,
    endpointId,
    type,
    body,
  }: { organizationId: string; endpointId: string; type: string; body(id: string): string },
): Promise<{ id: string }> {
  const id = newId('event', tx.now);
  await writeMessages(tx, [{ id, organizationId, type, body: body(id), occurredAt: tx.now }]);
  await putInLine(tx, organizationId, [{ endpointId, messageId: id }]);
  return tx.db.webhookDelivery.findFirstOrThrow({ where: { endpointId, messageId: id }, select: { id: true } });
}

/** Removes what is too old to be looked at, a page at a time. Answers how much that was. What is pending stays. */
export const sweep = (tx: Tx): Promise<number> => tx.db.$executeRaw`
  DELETE FROM "WebhookMessage" WHERE id IN (
    SELECT id FROM "WebhookMessage" m WHERE "createdAt" <= ${after(tx.now, -KEPT_MS)}
      AND NOT EXISTS (SELECT 1 FROM "WebhookDelivery" d WHERE d."messageId" = m.id AND d.state = 'PENDING')
    LIMIT ${SWEEP_PAGE})`;

interface Listener {
  id: string;
  events: string[];
  since: bigint;
}

/** An endpoint hears what happened since it was made or enabled, but not what is done to itself. */
const hears = ({ id, events, since }: Listener, { type, sequence, subjectId }: Event): boolean =>
  sequence > since && subjectId !== id && wants(events, type);

/** Those who may want to hear some of these, locked: nothing is put in line for one that is being disabled. */
async function hold(tx: Tx, organizationId: string, events: readonly Event[]): Promise<Listener[]> {
  const types = new Set(events.flatMap(({ type }) => ['*', type, type.replace(/\..*/, '.*')]));
  const rows = await tx.run<Omit<Listener, 'since'> & { since: string }>(
    'hold listeners',
    `SELECT id, events, since FROM "WebhookEndpoint"
     WHERE "organizationId" = $1 AND enabled AND events && $2 ORDER BY id FOR NO KEY UPDATE`,
    [organizationId, [...types]],
  );
  return rows.map((row) => ({ ...row, since: BigInt(row.since) }));
}

type Message = Pick<Event, 'id' | 'organizationId' | 'type' | 'occurredAt'> & { body: string };

/** What is written already stays as it is. */
async function writeMessages(tx: Tx, messages: readonly Message[]): Promise<void> {
  const [first] = messages;
  await tx.run('write messages', WRITE_MESSAGES, [
    first?.organizationId,
    tx.now,
    messages.map(({ id }) => id),
    messages.map(({ type }) => type),
    messages.map(({ body }) => body),
    messages.map(({ occurredAt }) => occurredAt.toISOString()),
  ]);
}

const WRITE_MESSAGES = `
  INSERT INTO "WebhookMessage" ("organizationId", "createdAt", id, type, body, "occurredAt")
  SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::text[], $6::timestamptz[]) ON CONFLICT DO NOTHING`;

interface Line {
  endpointId: string;
  messageId: string;
}

/** In one statement, however many there are; their positions come in this order. */
async function putInLine(tx: Tx, organizationId: string, lines: readonly Line[]): Promise<void> {
  const ids = lines.map(() => newId('webhookDelivery', tx.now));
  const endpointIds = lines.map((line) => line.endpointId);
  const messageIds = lines.map((line) => line.messageId);
  await tx.run('put in line', PUT_IN_LINE, [organizationId, tx.now, ids, endpointIds, messageIds]);
  await due.request(tx, [...new Set(endpointIds)]);
}

const PUT_IN_LINE = `
  INSERT INTO "WebhookDelivery" (id, "organizationId", "endpointId", "messageId", "createdAt")
  SELECT line.id, $1, line."endpointId", line."messageId", $2
  FROM unnest($3::text[], $4::text[], $5::text[]) WITH ORDINALITY AS line(id, "endpointId", "messageId", number)
  ORDER BY line.number`;
