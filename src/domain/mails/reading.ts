import type { Event, Mail } from '../../../prisma/generated/client/client.ts';
import { newId } from '../../lib/id.ts';
import { after, DAY_MS } from '../../lib/time.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import type { Reader } from '../readers.ts';
import { askedIn, LOOK_AGAIN_MS, WELCOME_PATIENCE_MS } from './judgement.ts';
import { HEARD, knownEnd, type Plan, plansOf, settledSource, welcomeKey } from './occasions.ts';
import { hurry } from './queue.ts';

/** Who was asked to do something is not asked for the same thing again before this has passed. */
const QUIET_MS = 3 * DAY_MS;

/** Plans the mails that events are occasions for. A key that has had its mail gets no other, whatever is read twice. */
export const mailsReader: Reader = {
  name: 'mails',
  hears: async () => HEARD,
  async hear(tx, events) {
    const [first] = events;
    if (first) await plan(tx, first.organizationId, events);
  },
};

async function plan(tx: Tx, organizationId: string, events: readonly Event[]): Promise<void> {
  const ends = new Map(
    events.flatMap((event) => knownEnd(event) ?? []).map(({ subjectId, until }) => [subjectId, until]),
  );
  await cancelMoved(tx, organizationId, ends);
  const stands = ({ occasion, subjectId, about }: Plan) =>
    occasion !== 'access_ending' || ends.get(subjectId) === about.until;
  const plans = [
    ...new Map(
      events
        .flatMap(plansOf)
        .filter(stands)
        .map((one) => [one.key, one]),
    ).values(),
  ];
  const wanted = await withoutRepeats(tx, organizationId, await withoutMuted(tx, organizationId, plans));
  const due = await write(tx, organizationId, wanted);
  const settled = await awaited(tx, organizationId, new Set(events.flatMap((event) => settledSource(event) ?? [])));
  const ids = new Set([...due, ...settled].map(({ id }) => id));
  await hurry(tx, ids.difference(await postpone(tx, [...ids])));
}

/** A welcome that waits for more than has happened so far need not be looked at: answers those. */
async function postpone(tx: Tx, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await tx.run<{ id: string }>('postpone welcomes', POSTPONE, [
    ids,
    tx.now,
    after(tx.now, LOOK_AGAIN_MS),
    WELCOME_PATIENCE_MS,
  ]);
  return new Set(rows.map(({ id }) => id));
}

/** Whether it waits is judged when it is looked at; this says the same of many. */
const POSTPONE = `
  UPDATE "Mail" SET "lookAt" = least($3, "sendAt" + $4 * interval '1 millisecond')
  WHERE id = ANY($1) AND occasion = 'welcome' AND "lookAt" IS NOT NULL
    AND "sendAt" + $4 * interval '1 millisecond' > $2 AND EXISTS (
    SELECT FROM "BenefitGrant" g
    WHERE g."customerId" = "Mail"."customerId"
      AND coalesce(g."subscriptionId", g."orderId", g."manualGrantId") = "Mail"."subjectId"
      AND g.state <> 'ACTIVE' AND (g."attentionCode" IS NULL OR g."retryAt" IS NOT NULL)
      AND g."stoppedAt" IS NULL AND (g."entitledUntil" IS NULL OR g."entitledUntil" > $2))
  RETURNING id`;

/** An end that is not the end any more is not announced. */
async function cancelMoved(tx: Tx, organizationId: string, ends: ReadonlyMap<string, string | null>): Promise<void> {
  if (ends.size === 0) return;
  const planned = await tx.db.mail.findMany({
    where: { organizationId, subjectId: { in: [...ends.keys()] }, occasion: 'access_ending', state: 'PLANNED' },
    select: { id: true, subjectId: true, about: true },
  });
  const moot = planned.filter(({ subjectId, about }) => ends.get(subjectId ?? '') !== (about as Plan['about']).until);
  if (moot.length === 0) return;
  await tx.db.mail.updateMany({
    where: { id: { in: moot.map(({ id }) => id) }, state: 'PLANNED' },
    data: { state: 'CANCELED', lookAt: null, answer: 'The end has moved.', updatedAt: tx.now },
  });
}

async function withoutMuted(tx: Tx, id: string, plans: Plan[]): Promise<Plan[]> {
  if (plans.length === 0) return plans;
  const { mutedMails } = await tx.db.organization.findUniqueOrThrow({ where: { id }, select: { mutedMails: true } });
  return plans.filter(({ occasion }) => !mutedMails.includes(occasion));
}

/** Several benefits that wait for the same thing are one reason to write; so is one that is tried again and again. */
async function withoutRepeats(tx: Tx, organizationId: string, plans: Plan[]): Promise<Plan[]> {
  const customerIds = plans.flatMap(({ occasion, customerId }) =>
    occasion === 'action_needed' && customerId ? [customerId] : [],
  );
  if (customerIds.length === 0) return plans;
  const recent = await tx.db.mail.findMany({
    where: {
      organizationId,
      customerId: { in: customerIds },
      occasion: { in: ['welcome', 'action_needed'] },
      OR: [{ state: 'PLANNED' }, { state: { not: 'CANCELED' }, composedAt: { gt: after(tx.now, -QUIET_MS) } }],
    },
    select: { customerId: true, state: true, about: true },
  });
  const asked = (customerId: string | null, code: unknown) => `${customerId} ${code}`;
  const told = new Set(
    recent.flatMap(({ customerId, about, state }) =>
      (state === 'PLANNED' ? [(about as Plan['about']).code ?? []].flat() : askedIn({ about })).map((code) =>
        asked(customerId, code),
      ),
    ),
  );
  return plans.filter(({ occasion, customerId, about }) => {
    if (occasion !== 'action_needed') return true;
    const name = asked(customerId, about.code);
    return !told.has(name) && told.add(name);
  });
}

/** Answers those that are due already. */
async function write(tx: Tx, organizationId: string, plans: readonly Plan[]): Promise<Pick<Mail, 'id'>[]> {
  if (plans.length === 0) return [];
  const rows = plans.map((one) => ({
    id: newId('mail', tx.now),
    organizationId,
    ...one,
    lookAt: one.sendAt,
    createdAt: tx.now,
    updatedAt: tx.now,
  }));
  const written = await tx.db.mail.createManyAndReturn({
    data: rows,
    skipDuplicates: true,
    select: { id: true, sendAt: true },
  });
  const again = written.length < rows.length ? await revive(tx, organizationId, plans) : [];
  return [...written, ...again].filter(({ sendAt }) => sendAt <= tx.now);
}

/** What was called off before it was written, and is an occasion after all: an end that has moved back, a refund that failed. */
const revive = (tx: Tx, organizationId: string, plans: readonly Plan[]): Promise<Pick<Mail, 'id' | 'sendAt'>[]> => tx.db
  .$queryRaw`
  UPDATE "Mail" SET state = 'PLANNED', "sendAt" = plan."sendAt", "lookAt" = plan."sendAt", answer = NULL, "updatedAt" = ${tx.now}
  FROM unnest(${plans.map(({ key }) => key)}::text[], ${plans.map(({ sendAt }) => sendAt)}::timestamptz[]) AS plan(key, "sendAt")
  WHERE "organizationId" = ${organizationId} AND "Mail".key = plan.key AND state = 'CANCELED' AND "composedAt" IS NULL
  RETURNING id, "Mail"."sendAt"`;

const awaited = async (tx: Tx, organizationId: string, sourceIds: ReadonlySet<string>): Promise<Pick<Mail, 'id'>[]> =>
  sourceIds.size === 0
    ? []
    : tx.db.mail.findMany({
        where: { organizationId, key: { in: [...sourceIds].map(welcomeKey) }, state: 'PLANNED' },
        select: { id: true },
      });
