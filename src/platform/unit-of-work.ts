import { newId } from '../lib/id.ts';
import type { Keyring } from '../lib/keyring.ts';
import type { Clock } from '../lib/time.ts';
import { ANY_ORGANIZATION, type Bus, organizationTopic } from './bus.ts';
import type { Database, Db, Run } from './database.ts';
import type { Job, Queue } from './queue.ts';

/** What happened, to be told when the transaction commits. */
export interface EventDraft {
  organizationId: string;
  type: string;
  /** Whom it concerns; a customer hears only what carries their id. */
  customerId?: string;
  /** The row it is about. */
  subjectId: string;
  data: object;
}

/** A unit of work: rows, jobs and events written through it exist together or not at all. */
export interface Tx {
  readonly db: Db;
  /** In the same transaction, for statements too hot for the ORM. */
  readonly run: Run;
  readonly keyring: Keyring;
  /** Time stands still in a transaction, except that taking a lock that others hold moves it on. */
  now: Date;
  readonly clock: Clock;
  append(event: EventDraft): void;
  enqueue(job: Job): void;
  /**
   * What sums up a transaction: done once at its end, when and as whoever asked last under this name wants it. `last`:
   * after all other sums, which may ask for it yet.
   */
  beforeCommit(name: string, work: Summing, when?: 'last'): void;
}

type Summing = () => void | Promise<void>;

export type Transaction = <Result>(work: (tx: Tx) => Promise<Result>) => Promise<Result>;

export interface UnitOfWorkOptions {
  database: Database;
  queue: Queue;
  bus: Bus;
  keyring: Keyring;
  clock: Clock;
  /** Told what happened in this process, before whoever made it happen goes on. */
  onCommit?: (events: readonly EventDraft[]) => void;
}

/** What failed between the beginning of a transaction and its commit. */
const undone = new WeakSet<Error>();

/**
 * Whether a transaction failed because of what was done in it, and left nothing behind. Of one whose commit was not answered
 * nobody knows, and one that could not begin would fail again.
 */
export const wasUndone = (error: unknown): boolean => error instanceof Error && undone.has(error);

/** What a transaction found undone somebody else has done before it: it is done again. */
export const overtaken = (): Error => Object.assign(new Error('Another transaction was first.'), { code: '40001' });

const TIMEOUT_MS = 30_000;
/** A deadlock or a serialization conflict is nobody's fault; the work is done again. */
const ATTEMPTS = 4;

export function openUnitOfWork({ database, queue, bus, keyring, clock, onCommit }: UnitOfWorkOptions): Transaction {
  const attempt = async <Result>(work: (tx: Tx) => Promise<Result>): Promise<Result> => {
    const events: EventDraft[] = [];
    const jobs: Job[] = [];
    const sums = new Map<string, Summing>();
    const last = new Map<string, Summing>();
    const result = await database.begin(
      async (db, run) => {
        const tx: Tx = {
          db,
          run,
          keyring,
          clock,
          now: clock(),
          append: (event) => void events.push(event),
          enqueue: (job) => void jobs.push(job),
          beforeCommit(name, summing, when) {
            const asked = when === 'last' ? last : sums;
            asked.delete(name);
            asked.set(name, summing);
          },
        };
        try {
          const answer = await work(tx);
          for (const asked of [sums, last]) for (const sumUp of asked.values()) await sumUp();
          await queue.enqueue(db, jobs);
          await writeEvents(run, events, tx.now);
          return answer;
        } catch (error) {
          if (error instanceof Error) undone.add(error);
          throw error;
        }
      },
      { maxWait: 2 * database.patienceMs, timeout: TIMEOUT_MS },
    );
    onCommit?.(events);
    if (events.length > 0) bus.ring(topicsOf(events));
    return result;
  };

  return async (work) => {
    for (let tries = 1; ; tries++) {
      try {
        return await attempt(work);
      } catch (error) {
        if (tries === ATTEMPTS || !isConflict(error)) throw error;
      }
    }
  };
}

/**
 * The last statement of a transaction: it takes the organization's counter, so that sequences come in the order of
 * commits, and holds it no longer than the commit takes.
 */
async function writeEvents(run: Run, events: readonly EventDraft[], now: Date): Promise<void> {
  const byOrganization = [...Map.groupBy(events, (event) => event.organizationId)].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [organizationId, drafts] of byOrganization) {
    const rows = drafts.map(({ type, customerId, subjectId, data }) => ({
      id: newId('event', now),
      type,
      customerId,
      subjectId,
      data,
    }));
    await run('write events', WRITE_EVENTS, [organizationId, rows.length, now, JSON.stringify(rows)]);
  }
}

const WRITE_EVENTS = `
  WITH counter AS (
    UPDATE "Organization" SET "eventSequence" = "eventSequence" + $2::int WHERE id = $1 RETURNING "eventSequence"
  )
  INSERT INTO "Event" (id, "organizationId", sequence, type, "customerId", "subjectId", data, "occurredAt")
  SELECT e.value->>'id', $1, counter."eventSequence" - $2::int + e.ordinality,
    e.value->>'type', e.value->>'customerId', e.value->>'subjectId', e.value->'data', $3
  FROM counter, jsonb_array_elements($4::jsonb) WITH ORDINALITY AS e`;

const topicsOf = (events: readonly EventDraft[]): Set<string> =>
  new Set([...events.map(({ organizationId }) => organizationTopic(organizationId)), ANY_ORGANIZATION]);

function isConflict(error: unknown): boolean {
  const { code, meta } = error as { code?: string; meta?: { driverAdapterError?: { cause?: { kind?: string } } } };
  if (code === 'P2010') return meta?.driverAdapterError?.cause?.kind === 'TransactionWriteConflict';
  return CONFLICTS.has(code ?? '');
}

/** As Prisma names them, and PostgreSQL. */
const CONFLICTS = new Set(['P2034', '40001', '40P01']);
