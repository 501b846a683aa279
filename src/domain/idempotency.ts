import { createHash } from 'node:crypto';
import { isStorable } from '../lib/checks.ts';
import { ConflictError, InvalidInputError } from '../lib/errors.ts';
import { after, DAY_MS } from '../lib/time.ts';
import type { Tx } from '../platform/unit-of-work.ts';

const KEY_CHARACTERS = 200;
/** A key is remembered this long; afterwards it is free again. */
const KEPT_MS = DAY_MS;

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
  if (key === '' || key.length > KEY_CHARACTERS || !isStorable(key))
    throw new InvalidInputError(`It has 1 to ${KEY_CHARACTERS} characters.`, ['idempotencyKey']);
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
      throw new ConflictError('This idempotency key was used for another request.', ['idempotencyKey']);
    }
    return JSON.parse(tx.keyring.open(first.answer ?? new Uint8Array())) as Answer;
  }
  const answer = await work();
  // Sealed, since an answer may hold a token that is shown once.
  await tx.db.idempotencyKey.update({ where, data: { answer: tx.keyring.seal(JSON.stringify(answer)) } });
  return answer;
}

/** Removes what is too old to be asked for again. */
export async function sweep(tx: Tx): Promise<void> {
  await tx.db.idempotencyKey.deleteMany({ where: { createdAt: { lte: after(tx.now, -KEPT_MS) } } });
}

const digestOf = (request: object): Buffer<ArrayBuffer> =>
  Buffer.from(createHash('sha256').update(canonical(request)).digest());

/** JSON with its keys in order and without nulls, which say no more than absence: the same request, however it is sent. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, entry: unknown) =>
    typeof entry === 'object' && entry !== null && !Array.isArray(entry)
      ? Object.fromEntries(
          Object.entries(entry)
            .filter(([, value]) => value !== null)
            .sort(([a], [b]) => (a < b ? -1 : 1)),
        )
      : entry,
  );
}
