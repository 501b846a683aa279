import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { audit, requestAudit, runAudit } from '../../../src/domain/credits/audit.ts';
import { statement } from '../../../src/domain/credits/statement.ts';
import { DAY_MS, HOUR_MS, after as later, SECOND_MS } from '../../../src/lib/time.ts';
import { type Credits, creditsOf } from '../../support/credits.ts';
import { type House, openHouse } from '../../support/house.ts';
import { waitingJobs } from '../../support/jobs.ts';
import { mailsOf } from '../../support/mails.ts';
import { openWorker } from '../../support/worker.ts';

/** Sooner than what looks for lost work every minute would find it. */
const PROMPT_MS = 30 * SECOND_MS;
const DISAGREED = 'credit_balance.disagreed';

let house: House;
let credits: Credits;
beforeAll(async () => {
  house = await openHouse({ startAt: new Date() });
  credits = creditsOf(house);
});
afterAll(() => house[Symbol.asyncDispose]());

describe('time', () => {
  test('ends credits by itself, and has it told at once', async () => {
    const [customer, meterId] = [await house.customer(), await credits.meter()];
    house.time.now = new Date();
    const expiresAt = later(house.time.now, HOUR_MS);
    await credits.topUp(customer.id, meterId, '10', { expiresAt });
    {
      await using _worker = await openWorker({
        url: house.url,
        kinds: house.kinds,
        clock: () => later(new Date(), HOUR_MS),
      });
      await expect
        .poll(() => credits.told(customer.id))
        .toEqual(['credit_balance.changed', 'credit_balance.changed', 'credit_balance.depleted']);
    }
    const told = await house.prisma.event.findFirstOrThrow({ where: { type: 'credit_balance.depleted' } });
    expect(told.occurredAt.getTime() - expiresAt.getTime()).toBeLessThan(PROMPT_MS);
    const [entry] = await house.prisma.creditEntry.findMany({
      where: { ledger: { meterId } },
      orderBy: { sequence: 'desc' },
    });
    expect(entry).toMatchObject({ type: 'EXPIRED', at: expiresAt });
    house.time.now = new Date();
  });

  test('frees what was held, and has it told', async () => {
    const [customer, meterId] = [await house.customer(), await credits.meter()];
    await credits.topUp(customer.id, meterId, '10');
    const { holdId } = await credits.hold(customer.id, meterId, '4', later(house.clock(), HOUR_MS));
    house.passTime(HOUR_MS);
    await credits.tick();
    expect(await house.prisma.creditHold.findUnique({ where: { id: holdId } })).toMatchObject({
      state: 'EXPIRED',
      endedAt: house.clock(),
    });
    const told = await house.prisma.event.findMany({
      where: { customerId: customer.id, type: 'credit_balance.changed' },
      orderBy: { sequence: 'asc' },
    });
    expect(told.map(({ data }) => (data as { balance: { held: string } }).balance.held)).toEqual(['0', '4', '0']);
    expect(await credits.told(customer.id)).toHaveLength(3);
  });

  test('stands in a statement once, though it is entered while that is made', async () => {
    const [customer, meterId] = [await house.customer(), await credits.meter()];
    const from = house.clock();
    await credits.topUp(customer.id, meterId, '10', { expiresAt: later(from, HOUR_MS) });
    house.passTime(2 * HOUR_MS);
    const row = await credits.balanceRow(customer.id, meterId);
    await credits.tick();
    const { csv, closingBalance } = await statement(house.database, row, { from, to: house.clock() });
    expect(csv.match(/CREDITED|EXPIRED/g)).toEqual(['CREDITED', 'EXPIRED']);
    expect(closingBalance).toBe('0');
  });

  test('is looked at no more where nothing was to be done', async () => {
    const [customer, meterId] = [await house.customer(), await credits.meter()];
    await credits.topUp(customer.id, meterId, '10');
    const { id } = await credits.balanceRow(customer.id, meterId);
    await house.prisma.creditBalance.update({ where: { id }, data: { dueAt: house.clock() } });
    await credits.tick();
    expect(await house.prisma.creditBalance.findUnique({ where: { id } })).toMatchObject({ dueAt: null });
    expect(await credits.told(customer.id)).toEqual(['credit_balance.changed']);
  });
});

describe('a customer whose credits run low', () => {
  test('gets one mail, however many levels are reached at once', async () => {
    const mails = mailsOf(house);
    const [reader, meterId] = [await mails.reader(), await credits.meter()];
    for (const percent of ['50', '20', '10']) await credits.threshold(meterId, { percent });
    await credits.topUp(reader.id, meterId, '100');
    await credits.consume(reader.id, meterId, '95');
    await mails.run();
    const [mail, ...others] = await mails.all(reader.id);
    expect(others).toEqual([]);
    expect(mail).toMatchObject({
      occasion: 'credits_low',
      state: 'KEPT',
      subject: 'Your credits for API calls are running low',
    });
    expect(mail?.text).toContain('You have 5 of 100 credits left for API calls.');
    house.passTime(1);
    await credits.consume(reader.id, meterId, '5');
    await mails.run();
    expect((await mails.all(reader.id)).map(({ occasion }) => occasion)).toEqual(['credits_low']);
  });
});

describe('a customer whose credits end', () => {
  test('hears of it by one mail, though time alone crossed the levels', async () => {
    const mails = mailsOf(house);
    const [reader, meterId] = [await mails.reader(), await credits.meter()];
    await credits.threshold(meterId, { percent: '20' });
    await credits.threshold(meterId, { units: '5' });
    await credits.topUp(reader.id, meterId, '100', { expiresAt: later(house.clock(), HOUR_MS) });
    await credits.consume(reader.id, meterId, '60');
    house.passTime(HOUR_MS);
    for (let turn = 0; turn < 2; turn++) await credits.tick();
    await mails.run();
    expect(await mails.all(reader.id)).toMatchObject([
      {
        occasion: 'credits_low',
        subject: 'You have no credits left for API calls',
        text: expect.stringContaining('None of your credits for API calls are left.'),
      },
    ]);
  });
});

describe('the audit', () => {
  test('is asked for once a day, and again when it was lost', async () => {
    const asked = async () => (await waitingJobs(house)).filter(({ name }) => name === 'audit-credits').length;
    const day = later(house.clock(), 2 * DAY_MS)
      .toISOString()
      .slice(0, 10);
    house.time.now = new Date(`${day}T06:00:00Z`);
    await house.transaction(requestAudit);
    await house.transaction(requestAudit);
    expect(await asked()).toBe(1);
    await runAudit(house, { day });
    expect(await house.prisma.creditAudit.findUnique({ where: { day } })).toMatchObject({
      disagreements: 0,
      endedAt: expect.any(Date),
    });
    house.passTime(DAY_MS);
    await house.transaction(requestAudit);
    house.passTime(DAY_MS / 4 + 1);
    await house.transaction(requestAudit);
    expect(await asked()).toBe(2);
    const next = house.clock().toISOString().slice(0, 10);
    expect(await house.prisma.creditAudit.findUnique({ where: { day: next } })).toMatchObject({
      startedAt: house.clock(),
    });
  });

  test('finds a balance, a lot and usage that disagree, and tells the merchant', async () => {
    const [customer, meterId] = [await house.customer(), await credits.meter()];
    await credits.topUp(customer.id, meterId, '100');
    await credits.use(customer.id, meterId, 30);
    expect(await audit(house.database)).toEqual([]);
    const { id } = await credits.balanceRow(customer.id, meterId);
    const why = async () => (await audit(house.database)).map((each) => each.why);
    await house.prisma.creditBalance.update({ where: { id }, data: { balance: 71 } });
    expect(await why()).toEqual(['the balance is not the sum of its entries']);
    await house.prisma.creditBalance.update({ where: { id }, data: { balance: 70 } });
    await house.prisma.creditLot.updateMany({ where: { balanceId: id }, data: { remaining: 71 } });
    expect(await why()).toEqual(['the balance is not what its lots hold']);
    await house.prisma.creditLot.updateMany({ where: { balanceId: id }, data: { remaining: 70 } });
    await house.prisma.usageEvent.deleteMany({ where: { customerId: customer.id } });
    expect(await why()).toEqual(['0 units were used and 30 entered']);
    await runAudit(house, { day: house.clock().toISOString().slice(0, 10) });
    expect((await house.events({ customerId: customer.id })).at(-1)).toBe('credit_balance.disagreed');
  });

  test('is done by the worker by itself, which tells of what it found, and logs it', async () => {
    const [customer, meterId] = [await house.customer(), await credits.meter()];
    await credits.topUp(customer.id, meterId, '100');
    const { id } = await credits.balanceRow(customer.id, meterId);
    await house.prisma.creditBalance.update({ where: { id }, data: { balance: 71 } });
    const told = () => house.prisma.event.findFirst({ where: { customerId: customer.id, type: DISAGREED } });
    const clock = () => later(new Date(), 9 * DAY_MS);
    {
      await using _worker = await openWorker({ url: house.url, kinds: house.kinds, clock });
      await expect.poll(told).not.toBeNull();
    }
    const why = 'the balance is not the sum of its entries';
    expect(await told()).toMatchObject({ data: { audit: { customerId: customer.id, meterId, why } } });
    const logged: object[] = [];
    const log = { ...house.log, error: (_: string, facts?: Record<string, unknown>) => void logged.push(facts ?? {}) };
    await runAudit({ ...house, log }, { day: '2026-01-01' });
    expect(logged).toContainEqual(expect.objectContaining({ customerId: customer.id, meterId, why }));
    await house.prisma.creditBalance.update({ where: { id }, data: { balance: 100 } });
  });
});
