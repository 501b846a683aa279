import { createHash } from 'node:crypto';
import type { Prisma } from '../../prisma/generated/client/client.ts';
import { isStorable } from '../lib/checks.ts';
import { ConflictError, InvalidInputError } from '../lib/errors.ts';
import { after, DAY_MS } from '../lib/time.ts';
import { overtaken, type Tx } from '../platform/unit-of-work.ts';

const KEY_CHARACTERS = 200;
/** A key is remembered this long; afterwards it is free again. */
const KEPT_MS = DAY_MS;
const ANOTHER_REQUEST = 'This idempotency key was used for another request.';

export interface Call {
  organizationId: string;
  operation: string;
  /** The caller's key; without one the work is simply done. */
  key: string | null | undefined;
  /** What was asked, as JSON: another request under the same key is a mistake of the caller's. */
  request: object;
}

/**
 * Does `work` once per key. A repeat answers what the first call answered; one that comes while the first is still at
 * work waits for it, on the row. A call that failed leaves no trace, so that it can be made again.
 */
export async function once<Answer extends object>(tx: Tx, call: Call, work: () => Promise<Answer>): Promise<Answer> {
  const { organizationId, operation, key } = call;
  if (key === null || key === undefined) return work();
  checkKey(key);
  const where = { organizationId_operation_key: { organizationId, operation, key } };
  const request = digestOf(call.request);

  await tx.db.idempotencyKey.deleteMany({
    where: { organizationId, operation, key, createdAt: { lte: after(tx.now, -KEPT_MS) } },
  });
  const { count } = await tx.db.idempotencyKey.createMany({
    data: { organizationId, operation, key, request, createdAt: tx.now },
    skipDuplicates: true,
  });
  if (count === 0) {
    const first = await tx.db.idempotencyKey.findUniqueOrThrow({ where });
    if (!Buffer.from(first.request).equals(request)) {
      throw new ConflictError(ANOTHER_REQUEST, ['idempotencyKey']);
    }
    return JSON.parse(tx.keyring.open(first.answer ?? new Uint8Array())) as Answer;
  }
  const answer = await work();
  // Sealed, since an answer may hold a token that is shown once.
  await tx.db.idempotencyKey.update({ where, data: { answer: tx.keyring.seal(JSON.stringify(answer)) } });
  return answer;
}

/** Calls that are done together, under locks that keep everyone else with the same calls out. */
interface Together<Answer> {
  /** Does the work of a call, or answers what was answered before. What throws leaves no trace. */
  once(call: Call, work: () => Answer): Answer;
  /** Writes down what was answered. */
  remember(): Promise<void>;
}

export async function recall<Answer extends object>(tx: Tx, calls: readonly Call[]): Promise<Together<Answer>> {
  const keyed = calls.flatMap(({ organizationId, operation, key }) =>
    key == null ? [] : [{ organizationId, operation, key }],
  );
  const kept = after(tx.now, -KEPT_MS);
  const nameOf = ({ organizationId, operation, key }: Omit<Call, 'request'>) =>
    JSON.stringify([organizationId, operation, key]);
  if (keyed.length > 0) await tx.db.idempotencyKey.deleteMany({ where: { OR: keyed, createdAt: { lte: kept } } });
  const rows = keyed.length > 0 ? await tx.db.idempotencyKey.findMany({ where: { OR: keyed } }) : [];
  const known = new Map(
    rows.map((row) => [
      nameOf(row),
      { request: Buffer.from(row.request), answer: () => JSON.parse(tx.keyring.open(row.answer ?? new Uint8Array())) },
    ]),
  );
  const fresh: Prisma.IdempotencyKeyCreateManyInput[] = [];
  return {
    once(call, work) {
      const { organizationId, operation, key } = call;
      if (key == null) return work();
      checkKey(key);
      const [name, request] = [nameOf(call), digestOf(call.request)];
      const before = known.get(name);
      if (before && !before.request.equals(request)) throw new ConflictError(ANOTHER_REQUEST, ['idempotencyKey']);
      if (before) return before.answer();
      const answer = work();
      known.set(name, { request, answer: () => answer });
      const sealed = tx.keyring.seal(JSON.stringify(answer));
      fresh.push({ organizationId, operation, key, request, answer: sealed, createdAt: tx.now });
      return answer;
    },
    async remember() {
      if (fresh.length === 0) return;
      const { count } = await tx.db.idempotencyKey.createMany({ data: fresh, skipDuplicates: true });
      // Under other locks somebody has used one of these keys meanwhile: whoever comes second is told so.
      if (count < fresh.length) throw overtaken();
    },
  };
}

function checkKey(key: string): void {
  if (key === '' || key.length > KEY_CHARACTERS || !isStorable(key))
    throw new InvalidInputError(`It has 1 to ${KEY_CHARACTERS} characters.`, ['idempotencyKey']);
}

/** Removes what is too old to be asked for again. */
export async function sweep(tx: Tx): Promise<void> {
  await tx.db.idempotencyKey.deleteMany({ where: { createdAt: { lte: after(tx.now, -KEPT_MS) } } });
}

const digestOf = (request: object): Buffer<ArrayBuffer> =>
  Buffer.from(createHash('sha256').update(canonical(request)).digest());

/** JSON with its keys in order and without nulls, which say no more than absence: the same request, however it is sent. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, entry: unknown) => {
    if (typeof entry === 'bigint') return String(entry);
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return entry;
    const given = Object.entries(entry).filter(([, value]) => value !== null);
    return Object.fromEntries(given.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
