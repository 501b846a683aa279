import { expect } from 'vitest';
import { judge } from '../../src/domain/grants/entitlement.ts';
import { factsOf, load } from '../../src/domain/grants/facts.ts';
import { standingOf } from '../../src/domain/grants/reconcile.ts';
import { isEntitled, isParked, missing } from '../../src/domain/grants/work.ts';
import { spreadRollout } from '../../src/jobs/spread-rollout.ts';
import { MINUTE_MS } from '../../src/lib/time.ts';
import type { House } from './house.ts';

/** Longer than anybody waits for a job that was lost. */
const LOST_MS = 11 * MINUTE_MS;
const MOST_ROUNDS = 20;

/** As if every job had been lost: only what the rows remember is done, until they say that nothing is due. */
export async function untilQuiet(house: House): Promise<void> {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    house.passTime(LOST_MS);
    const rollouts = await house.prisma.rollout.findMany({ where: { spreadAt: null }, select: { id: true } });
    for (const { id } of rollouts) await spreadRollout(house.transaction).handle({ rolloutId: id });
    const due = await house.prisma.customer.findMany({
      where: { settleAt: { lte: house.time.now } },
      select: { id: true },
    });
    if (due.length + rollouts.length === 0) return;
    for (let from = 0; from < due.length; from += 5)
      await Promise.all(due.slice(from, from + 5).map(({ id }) => house.settle(id)));
  }
  throw new Error(`There is still something due after ${MOST_ROUNDS} rounds.`);
}

/** Everybody has what they are entitled to and nothing else, and the log tells how it came about. */
export async function expectSettled(house: House): Promise<void> {
  for (const { id } of await house.prisma.customer.findMany({ select: { id: true } }))
    await expectCustomerSettled(house, id);
  await expectLogSound(house);
}

async function expectCustomerSettled(house: House, customerId: string): Promise<void> {
  const customer = await house.transaction((tx) => load(tx, customerId));
  const { now } = house.time;
  expect(judge(factsOf(customer), now)).toEqual([]);
  expect(customer.settlingUntil).toBeNull();
  for (const grant of customer.grants) {
    expect(isParked(grant) ? null : missing(grant, standingOf(customer, grant), now)).toBeNull();
    if (!isParked(grant))
      expect([grant.id, grant.state]).toEqual([grant.id, isEntitled(grant, now) ? 'ACTIVE' : 'REVOKED']);
    const last = await house.prisma.event.findFirstOrThrow({
      where: { subjectId: grant.id },
      orderBy: { sequence: 'desc' },
    });
    const { grant: told } = last.data as { grant: { state: string; entitledUntil: string | null } };
    expect(told).toMatchObject({ state: grant.state, entitledUntil: grant.entitledUntil?.toISOString() ?? null });
  }
  const sources = customer.grants.map((grant) =>
    [grant.benefitId, grant.subscriptionId, grant.orderId, grant.manualGrantId].join(),
  );
  expect(new Set(sources).size).toBe(sources.length);
}

/** Which states may follow which, by what was told. */
const FOLLOWS: Record<string, readonly string[]> = {
  CREATED: ['CREATED', 'ACTIVE', 'REVOKED'],
  ACTIVE: ['ACTIVE', 'REVOKED'],
  REVOKED: ['REVOKED', 'CREATED'],
};

async function expectLogSound(house: House): Promise<void> {
  const { eventSequence } = await house.prisma.organization.findUniqueOrThrow({ where: { id: house.organizationId } });
  const events = await house.prisma.event.findMany({
    where: { organizationId: house.organizationId },
    orderBy: { sequence: 'asc' },
  });
  expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => BigInt(index + 1)));
  expect(eventSequence).toBe(BigInt(events.length));
  const states = new Map<string, string>();
  for (const { type, subjectId, data } of events) {
    if (!type.startsWith('benefit_grant.')) continue;
    const { state } = (data as { grant: { state: string } }).grant;
    const before = states.get(subjectId);
    if (before === undefined) expect([type, state]).toEqual(['benefit_grant.created', 'CREATED']);
    else expect([type, before, FOLLOWS[before]]).toEqual([type, before, expect.arrayContaining([state])]);
    if (type === 'benefit_grant.revoked')
      expect([before, state]).toEqual([expect.not.stringMatching('REVOKED'), 'REVOKED']);
    if (type === 'benefit_grant.created') expect([before ?? 'REVOKED', state]).toEqual(['REVOKED', 'CREATED']);
    if (state !== before && state === 'ACTIVE') expect((data as { changed?: string[] }).changed).toContain('state');
    states.set(subjectId, state);
  }
}
