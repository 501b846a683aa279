import { checkInteger } from '../../lib/checks.ts';
import { type BrokenRule, InvalidInputError, isBrokenRule, NotFoundError } from '../../lib/errors.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import { holdMeters } from '../meters/holding.ts';
import { type Measure, MOST_UNITS, unfit } from '../meters/matching.ts';
import { charge, measureOf, metersInUse } from './charging.ts';
import { checkReport, type Report, type Sound } from './checking.ts';
import { type Assigned, insert } from './inserting.ts';
import { findPeople, type WhoIs } from './people.ts';

export const MOST_EVENTS = 1_000;

/** What became of a batch. */
export interface Ingested {
  ingested: number;
  /** Events whose external id was known already. */
  duplicates: number;
}

export interface Recorded extends Ingested {
  /** What was left out, and why. */
  refused: { index: number; error: BrokenRule }[];
}

/** Usage that is taken whole or not at all. */
export type Batch = readonly Report[];

/** All of a batch or nothing: the first mistake refuses it, and its path names the event. */
export async function ingest(
  tx: Tx,
  { organizationId, events }: { organizationId: string; events: Batch },
): Promise<Ingested> {
  const [answer] = await ingestAll(tx, organizationId, [events]);
  if (isBrokenRule(answer)) throw answer;
  return answer as Ingested;
}

/** Records usage event by event. What has a mistake is left out. */
export async function record(
  tx: Tx,
  { organizationId, events }: { organizationId: string; events: readonly Report[] },
): Promise<Recorded> {
  const recorded: Recorded = { ingested: 0, duplicates: 0, refused: [] };
  const answers = await ingestAll(
    tx,
    organizationId,
    events.map((event) => [event]),
  );
  for (const [index, answer] of answers.entries()) {
    if (isBrokenRule(answer)) {
      const [, , ...path] = answer.path;
      recorded.refused.push({ index, error: Object.assign(answer, { path: ['events', String(index), ...path] }) });
    } else {
      recorded.ingested += answer.ingested;
      recorded.duplicates += answer.duplicates;
    }
  }
  return recorded;
}

/**
 * Records usage and changes balances, both once per external id, with a constant number of statements. A batch with a
 * mistake is answered with it, and leaves no trace; the others are no less recorded.
 */
export async function ingestAll(
  tx: Tx,
  organizationId: string,
  batches: readonly Batch[],
): Promise<(Ingested | BrokenRule)[]> {
  const sound = batches.map((batch) => judge(() => checkBatch(batch, tx.now)));
  await holdMeters(tx, organizationId);
  const whoIs = await findPeople(
    tx,
    organizationId,
    sound.flatMap((events) => (isBrokenRule(events) ? [] : events.map(({ by }) => by))),
  );
  const meters = await metersInUse(tx, organizationId);
  const measures = meters.map((meter) => ({ name: meter.name, ...measureOf(meter) }));
  const fitting = sound.map((events) =>
    isBrokenRule(events)
      ? events
      : judge(() => checkEach(events, (event) => assign(checkUnits(measures, event), whoIs))),
  );
  const all = fitting.flatMap((events) => (isBrokenRule(events) ? [] : events));
  const news = await insert(tx, organizationId, all);
  await charge(tx, { organizationId, meters, events: news });
  const isNew = news.length === all.length ? () => true : has(new Set(news));
  return fitting.map((events) => {
    if (isBrokenRule(events)) return events;
    const ingested = events.filter(isNew).length;
    return { ingested, duplicates: events.length - ingested };
  });
}

function checkBatch(events: Batch, now: Date): Sound[] {
  checkInteger(events.length, ['events'], 1, MOST_EVENTS);
  return checkEach(events, (event) => checkReport(event, now));
}

/** What is wrong with one is told with its place. */
function checkEach<From, To>(events: readonly From[], check: (event: From) => To): To[] {
  return events.map((event, index) => {
    try {
      return check(event);
    } catch (error) {
      if (!isBrokenRule(error)) throw error;
      throw Object.assign(error, { path: ['events', String(index), ...error.path] });
    }
  });
}

/** A mistake as an answer. */
function judge<Answer>(work: () => Answer): Answer | BrokenRule {
  try {
    return work();
  } catch (error) {
    if (isBrokenRule(error)) return error;
    throw error;
  }
}

function assign({ id, name, by, externalId, timestamp, metadata }: Sound, whoIs: WhoIs): Assigned {
  const customerId = whoIs(by) ?? null;
  if (customerId === null && !by.externalId)
    throw new NotFoundError('customer', ['customer', by.id != null ? 'id' : 'email']);
  return { id, name, customerId, externalCustomerId: by.externalId ?? null, externalId, timestamp, metadata };
}

/** What would be added up must be no less than nothing, and not beyond all measure. */
function checkUnits(measures: readonly (Measure & { name: string })[], event: Sound): Sound {
  for (const measure of measures) {
    if (unfit(measure, event) !== null)
      throw new InvalidInputError(
        `The meter ${measure.name} adds this up: it must be a number from 0 to ${MOST_UNITS}.`,
        ['metadata', ...(measure.property ?? '').split('.')],
      );
  }
  return event;
}

const has =
  <Item>(items: ReadonlySet<Item>) =>
  (item: Item): boolean =>
    items.has(item);
