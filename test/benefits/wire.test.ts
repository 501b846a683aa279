import { BenefitType } from 'polar-sdk-0/models/components/benefittype';
import * as polar0 from 'polar-sdk-0/webhooks';
import { webhooks as polar1 } from 'polar-sdk-1/2026-10';
import * as standard from 'standardwebhooks';
import * as svix from 'svix';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kinds as allKinds } from '../../src/benefits/kinds.ts';
import { EVENT_TYPES, sampleBody } from '../../src/benefits/samples.ts';
import { tell } from '../../src/domain/grants/telling.ts';
import { signatureHeaders } from '../../src/lib/signature.ts';
import { DAY_MS } from '../../src/lib/time.ts';
import { openEmulatedHouse } from '../support/emulated.ts';
import type { House } from '../support/house.ts';
import { merchantOf } from '../support/merchant.ts';
import { openReceiver, type Received, type Receiver } from '../support/receiver.ts';
import { openWebhooks, type Webhooks } from '../support/webhooks.ts';

/** Those the format has a word for. A kind that came later is nobody's to parse. */
const kinds = allKinds.filter(({ type }) => (Object.values(BenefitType) as string[]).includes(type));

/** What those who receive webhooks verify and parse them with. */
const PARTIES: Record<string, (secret: string, received: Received) => unknown> = {
  standardwebhooks: (secret, { body, headers }) => new standard.Webhook(secret).verify(body, headers),
  svix: (secret, { body, headers }) => {
    new svix.Webhook(secret).verify(body, headers);
    return JSON.parse(body.toString());
  },
  '@polar-sh/sdk@0.49': (secret, { body, headers }) => polar0.validateEvent(body, headers, secret),
  '@polar-sh/sdk@1.0.1': (secret, { body, headers }) => polar1.validateEvent(body.toString(), headers as never, secret),
};
type Emulated = Awaited<ReturnType<typeof openEmulatedHouse>>;

/** The types whose shape the format lays down; what else happens it does not know, or tells of money. */
const LAID_DOWN = /^benefit_grant\.|^benefit\.(created|updated)$|^customer\.(created|updated|state_changed)$/;

/** The newer one hands over as they are the types it knows by name, and we tell in a shape of our own. */
const HANDED_OVER =
  /^subscription\.(created|updated|canceled|uncanceled|revoked)$|^(order|refund|product)\.(created|updated)$/;
const READ_BY: Record<string, (type: string) => boolean> = {
  '@polar-sh/sdk@0.49': (type) => LAID_DOWN.test(type),
  '@polar-sh/sdk@1.0.1': (type) => LAID_DOWN.test(type) || HANDED_OVER.test(type),
};

/** What is told of each kind and laid down in the format. */
const TOLD_OF_A_KIND = [
  'benefit.created',
  'benefit.updated',
  'benefit_grant.created',
  'benefit_grant.updated',
  'benefit_grant.cycled',
  'benefit_grant.revoked',
  'customer.state_changed',
];
/** The kinds that an event is about. */
const kindsIn = (data: { type?: string; benefit?: { type: string }; granted_benefits?: { benefit_type: string }[] }) =>
  data.granted_benefits?.map(({ benefit_type }) => benefit_type) ?? [(data.benefit ?? data).type];

let emulated: Emulated;
let house: House;
let receiver: Receiver;
let webhooks: Webhooks;
let secret: string;
beforeAll(async () => {
  emulated = await openEmulatedHouse({ startAt: new Date() });
  ({ house } = emulated);
  receiver = await openReceiver();
  webhooks = openWebhooks(house);
  ({ secret } = await webhooks.endpoint(receiver.url));
  await liveThrough();
  await webhooks.read();
  await webhooks.deliver();
});
afterAll(async () => {
  await webhooks[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
  await emulated[Symbol.asyncDispose]();
});

/** Everything that can happen to a benefit, for one of every kind. */
async function liveThrough(): Promise<void> {
  const merchant = merchantOf(house);
  for (const kind of kinds) {
    const parsed = await emulated.propertiesOf(kind);
    const benefit = await house.benefit(kind.type, parsed);
    const end = new Date(house.time.now.getTime() + 30 * DAY_MS);
    const { customer, subscription } = await merchant.subscriber([benefit.id], { currentPeriodEnd: end });
    await emulated.link(kind, customer.id);
    await house.settle(customer.id);
    await house.transaction(async (tx) => {
      const [grant] = await house.grants(customer.id);
      if (grant) tell(tx, 'benefit_grant.cycled', grant, customer, benefit);
    });
    await merchant.rename(customer.id, 'Ada Lovelace');
    await house.transaction((tx) =>
      tx.db.benefit.update({ where: { id: benefit.id }, data: { metadata: { a: 1, b: 'c', d: true } } }),
    );
    await merchant.editBenefit(benefit.id, { ...parsed, edited: true });
    await house.settle(customer.id);
    await merchant.cancel(subscription.id);
    await house.settle(customer.id);
    await merchant.buyer([benefit.id]);
    await merchant.removeBenefit(benefit.id);
  }
}

const received = () => receiver.received.map((one) => ({ ...one, event: JSON.parse(one.body.toString()) }));

test('everything that happened was told, in order', async () => {
  expect(received().map(({ event }) => event.type)).toEqual(
    (await house.events()).filter((type) => type !== 'webhook_endpoint.created'),
  );
  expect(received().map(({ event }) => BigInt(event.sequence))).toEqual(
    received().map((_, index) => BigInt(index) + 2n),
  );
});

test.each(kinds.map((kind) => kind.type))('each event of a grant and a benefit of %s was told', (type) => {
  const about = received().filter(({ event }) => (event.data.benefit ?? event.data).type === type);
  expect(new Set(about.map(({ event }) => event.type))).toEqual(
    new Set([
      'benefit.created',
      'benefit.updated',
      'benefit.deleted',
      'benefit_grant.created',
      'benefit_grant.updated',
      'benefit_grant.cycled',
      'benefit_grant.revoked',
    ]),
  );
});

describe.each(Object.keys(PARTIES))('%s', (name) => {
  const verify = PARTIES[name] as (typeof PARTIES)[string];
  const known = () => received().filter(({ event }) => !name.startsWith('@polar') || LAID_DOWN.test(event.type));

  test('verifies and parses everything that the format lays down', async () => {
    expect(known().length).toBeGreaterThan(20);
    for (const one of known()) {
      const parsed = (await verify(secret, one)) as { type: string };
      expect(parsed.type).toBe(one.event.type);
    }
  });

  test.each(kinds.map((kind) => kind.type))('reads each type of event about %s', async (type) => {
    for (const told of TOLD_OF_A_KIND) {
      const about = known().filter(({ event }) => event.type === told && kindsIn(event.data).includes(type));
      expect([told, about.length > 0]).toEqual([told, true]);
      for (const one of about) expect(await verify(secret, one)).toMatchObject({ type: told });
    }
  });

  test('refuses what somebody else signed, and what was altered', async () => {
    const [one] = known();
    if (!one) throw new Error('Nothing was told.');
    const other = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLTU3';
    await expect((async () => verify(other, one))()).rejects.toThrow();
    await expect(
      (async () => verify(secret, { ...one, body: Buffer.concat([one.body, Buffer.from(' ')]) }))(),
    ).rejects.toThrow();
  });
});

describe('a test event', () => {
  const sampleOf = (type: string, kind = kinds[0]) =>
    Buffer.from(
      sampleBody(kinds, { organizationId: house.organizationId, type, kind: kind?.type, now: new Date() })('evt_test'),
    );
  const namesOf = (value: unknown, at = ''): string[] =>
    value && typeof value === 'object' && !Array.isArray(value)
      ? Object.entries(value).flatMap(([name, entry]) => [`${at}${name}`, ...namesOf(entry, `${at}${name}.`)])
      : [];
  const isOfAll = (name: string) =>
    !/^(changed$|error|attention|.*metadata\.|properties|benefit\.properties)/.test(name);

  test('has the names of what really happens', () => {
    const types = new Set(received().map(({ event }) => event.type));
    expect(types.size).toBeGreaterThan(15);
    for (const type of types) {
      const real = received().findLast(({ event }) => event.type === type)?.event.data;
      const names = namesOf(JSON.parse(sampleOf(type).toString()).data);
      expect([type, ...names.filter(isOfAll).sort()]).toEqual([type, ...namesOf(real).filter(isOfAll).sort()]);
    }
  });

  test.each(kinds.map((kind) => [kind.type, kind] as const))(
    'about %s tells what a grant of it holds',
    (type, kind) => {
      const held = (body: Buffer) => Object.keys(JSON.parse(body.toString()).data.properties).sort();
      const real = received().findLast(
        ({ event }) => event.type === 'benefit_grant.updated' && event.data.benefit.type === type,
      );
      expect(held(sampleOf('benefit_grant.updated', kind))).toEqual(held(real?.body ?? Buffer.of()));
    },
  );

  const sent = (body: Buffer): Received =>
    ({
      body,
      headers: signatureHeaders([secret], { id: 'evt_test', sentAt: new Date(), body: body.toString() }),
    }) as Received;
  const parses = async (verify: (typeof PARTIES)[string], type: string, kind?: (typeof kinds)[number]) => {
    try {
      await verify(secret, sent(sampleOf(type, kind)));
      return true;
    } catch {
      return false;
    }
  };

  test.each(Object.entries(PARTIES))(
    '%s reads it of every kind, of each type that it knows as we tell it',
    async (name, verify) => {
      for (const kind of kinds) {
        const read: string[] = [];
        for (const type of EVENT_TYPES) if (await parses(verify, type, kind)) read.push(type);
        expect(read).toEqual(EVENT_TYPES.filter((type) => READ_BY[name]?.(type) ?? true));
      }
    },
  );
});

test('the older SDK reads a grant as its own', () => {
  const one = received().find(({ event }) => event.type === 'benefit_grant.updated' && event.data.is_granted);
  if (!one) throw new Error('It was not told.');
  expect(polar0.validateEvent(one.body, one.headers, secret)).toMatchObject({
    type: 'benefit_grant.updated',
    timestamp: expect.any(Date),
    data: {
      isGranted: true,
      isRevoked: false,
      grantedAt: expect.any(Date),
      customer: { name: 'Ada' },
      benefit: { id: one.event.data.benefit.id },
    },
  });
});

test('what a customer has is told whole, once for everything that changes together', () => {
  const states = received().filter(({ event }) => event.type === 'customer.state_changed');
  const [bought, delivered] = states.map((one) => polar0.validateEvent(one.body, one.headers, secret));
  expect(bought?.data).toMatchObject({
    activeSubscriptions: [{ status: 'active', recurringInterval: 'month' }],
    grantedBenefits: [],
  });
  expect(delivered?.data).toMatchObject({
    activeSubscriptions: [{ status: 'active' }],
    grantedBenefits: [{ benefitType: kinds[0]?.type, grantedAt: expect.any(Date) }],
    activeMeters: [],
  });
});

test('names are snake_case throughout, but for what others wrote', () => {
  const names = (value: unknown): string[] =>
    Array.isArray(value)
      ? value.flatMap(names)
      : value && typeof value === 'object'
        ? Object.entries(value).flatMap(([key, entry]) => [key, ...(key === 'metadata' ? [] : names(entry))])
        : [];
  for (const { event } of received()) for (const name of names(event)) expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
});
