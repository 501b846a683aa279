import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MINUTE_MS } from '../../src/lib/time.ts';
import { openDatabase } from '../../src/platform/database.ts';
import { type Tx, wasUndone } from '../../src/platform/unit-of-work.ts';
import { type House, openHouse } from '../support/house.ts';
import { PATIENCE_MS } from '../support/patience.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

const nameOf = (tx: Tx) =>
  tx.run<{ name: string }>('name', 'SELECT name FROM "Organization" WHERE id = $1', [house.organizationId]);
const rename = (tx: Tx, name: string) =>
  tx.db.organization.update({ where: { id: house.organizationId }, data: { name } });

describe('a statement that is run beside the ORM', () => {
  test('is of the same transaction: it sees what was written, and is undone with it', async () => {
    const failing = house.transaction(async (tx) => {
      await rename(tx, 'Changed');
      expect(await nameOf(tx)).toEqual([{ name: 'Changed' }]);
      await tx.run('rename', 'UPDATE "Organization" SET name = $2 WHERE id = $1', [house.organizationId, 'Twice']);
      expect(await tx.db.organization.findFirstOrThrow()).toMatchObject({ name: 'Twice' });
      throw new Error('No.');
    });
    await expect(failing).rejects.toThrow('No.');
    expect(await house.transaction(nameOf)).toEqual([{ name: 'Acme' }]);
  });

  test('is of its own transaction, however many there are at once', async () => {
    const ids = await Promise.all(
      Array.from({ length: 30 }, () =>
        house.transaction(async (tx) => {
          const id = async () => {
            const [row] = await tx.run<{ id: string }>('id', 'SELECT pg_current_xact_id()::text AS id', []);
            return row?.id;
          };
          const first = await id();
          const [between] = await tx.db.$queryRaw<{ id: string }[]>`SELECT pg_current_xact_id()::text AS id`;
          expect([between?.id, await id()]).toEqual([first, first]);
          return first;
        }),
      ),
    );
    expect(new Set(ids).size).toBe(30);
  });

  test('is refused once the transaction is over', async () => {
    const over = await house.transaction(async (tx) => tx);
    expect(() => nameOf(over)).toThrow('The transaction is over.');
  });

  test('that meets what another does is done again with all of its transaction', async () => {
    const organizationId = house.organizationId;
    const [first, second] = [await house.customer(), await house.customer()];
    const lock = (tx: Tx, id: string) => tx.run('lock', 'SELECT 1 FROM "Customer" WHERE id = $1 FOR UPDATE', [id]);
    const waiting: (() => void)[] = [];
    /** Goes on when both have come, the first time. */
    const meet = () =>
      new Promise<void>((resolve) => {
        waiting.push(resolve);
        if (waiting.length >= 2) for (const go of waiting) go();
      });
    const cross = (one: string, other: string) =>
      house.transaction(async (tx) => {
        await lock(tx, one);
        await meet();
        await lock(tx, other);
        await tx.db.organization.update({ where: { id: organizationId }, data: { updatedAt: tx.now } });
        return 'done';
      });
    expect(await Promise.all([cross(first.id, second.id), cross(second.id, first.id)])).toEqual(['done', 'done']);
    expect(waiting.length).toBeGreaterThan(2);
  });
});

test('a statement does not wait for ever for what another transaction holds', async () => {
  await using hurried = await openDatabase({ url: house.url, log: house.log, lockMs: 50 });
  const { id } = await house.customer();
  await house.transaction(async (tx) => {
    await tx.run('lock', 'SELECT 1 FROM "Customer" WHERE id = $1 FOR UPDATE', [id]);
    const waiting = hurried.write('touch', 'UPDATE "Customer" SET name = name WHERE id = $1', [id]);
    await expect(waiting).rejects.toThrow('lock timeout');
  });
  expect(await hurried.write('touch', 'UPDATE "Customer" SET name = name WHERE id = $1', [id])).toEqual([]);
});

test('a transaction that a process leaves alone is ended by the database: the process is told, and goes on', async () => {
  const left = house.transaction(async (tx) => {
    await rename(tx, 'Held');
    const [limit] = await tx.run<object>('limit', 'SHOW idle_in_transaction_session_timeout', []);
    expect(limit).toEqual({ idle_in_transaction_session_timeout: `${(2 * PATIENCE_MS) / MINUTE_MS}min` });
    await tx.run('hurry', 'SET LOCAL idle_in_transaction_session_timeout = 20', []);
    await house.transaction((other) => rename(other, 'Freed'));
    return rename(tx, 'Held');
  });
  await expect(left).rejects.toThrow();
  expect(await house.transaction(nameOf)).toEqual([{ name: 'Freed' }]);
});

describe('a transaction that fails', () => {
  const failure = (work: (tx: Tx) => Promise<unknown>) => house.transaction(work).catch((error: unknown) => error);

  test('because of what is done in it has left nothing behind, and is known for it', async () => {
    expect(wasUndone(await failure(() => Promise.reject(new Error('No.'))))).toBe(true);
    expect(wasUndone(await failure((tx) => tx.db.$queryRaw`SELECT 1 / 0`))).toBe(true);
    expect(wasUndone(await failure((tx) => tx.run('nonsense', 'SELECT nonsense', [])))).toBe(true);
    const late = (tx: Tx) => tx.beforeCommit('late', () => Promise.reject(new Error('Too late.')));
    expect(wasUndone(await failure(async (tx) => late(tx)))).toBe(true);
  });

  test('while it is committed may have been done', async () => {
    const cut = await failure(async (tx) => {
      const [row] = await tx.run<{ pid: number }>('pid', 'SELECT pg_backend_pid() AS pid', []);
      tx.beforeCommit(
        'cut',
        async () => void (await house.prisma.$queryRaw`SELECT pg_terminate_backend(${row?.pid}, 60000)`),
      );
    });
    expect(cut).toBeInstanceOf(Error);
    expect(wasUndone(cut)).toBe(false);
  });
});
