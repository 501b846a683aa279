import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parseProperties } from '../../src/benefits/catalog.ts';
import type { FromHeld, Kind, Order } from '../../src/benefits/kind.ts';
import { orderOf } from '../../src/benefits/order.ts';
import { wire } from '../../src/benefits/wire.ts';
import { load } from '../../src/domain/grants/facts.ts';
import { DAY_MS } from '../../src/lib/time.ts';
import { type EmulatedHouse, openEmulatedHouse } from '../support/emulated.ts';
import { type House, openHouse } from '../support/house.ts';
import { type Merchant, merchantOf } from '../support/merchant.ts';

const SNAKE_CASE = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;

/** What every benefit kind must do, held against its own example. A kind's own test holds only its peculiarities. */
export function exercise(kind: Kind): void {
  describe(`the kind ${kind.type}`, () => {
    let house: House;
    let merchant: Merchant;
    /** Third parties, for kinds that give to accounts there. */
    let emulated: EmulatedHouse | null = null;
    beforeAll(async () => {
      emulated = kind.account ? await openEmulatedHouse({ kinds: [kind] }) : null;
      house = emulated?.house ?? (await openHouse({ kinds: [kind] }));
      merchant = merchantOf(house);
    });
    afterAll(() => (emulated ?? house)[Symbol.asyncDispose]());

    const parse = (properties: unknown) =>
      house.transaction((tx) =>
        parseProperties(tx, kind, { organizationId: house.organizationId, properties }, house.means),
      );
    const { furnish } = kind.example;
    /** Properties that work: the example's, with whatever they name made anew. */
    const working = async (): Promise<Record<string, unknown>> =>
      emulated
        ? emulated.propertiesOf(kind)
        : furnish
          ? house.transaction((tx) => furnish(tx, house.organizationId))
          : kind.example.properties;
    const example = async () => (await house.benefit(kind.type, await parse(await working()))).id;
    const grantOf = async (customerId: string) => {
      const [grant] = await house.grants(customerId);
      if (!grant) throw new Error('They have no grant.');
      return grant;
    };
    const ordersOf = (customerId: string): Promise<Order<Record<string, unknown>, Record<string, unknown> | null>[]> =>
      house.transaction(async (tx) => {
        const customer = await load(tx, customerId);
        return customer.grants.map((grant) => orderOf(customer, grant, kind, 'deliver', tx.now));
      });
    const tell = async (orders: Awaited<ReturnType<typeof ordersOf>>) =>
      kind.deliveries.from === 'held'
        ? orders.map(({ held }) => (kind.deliveries as FromHeld<unknown, unknown>).tell(held))
        : kind.deliveries.tell(house.means, orders as never);
    const deliveriesTo = async (...customerIds: string[]) => {
      const orders = (await Promise.all(customerIds.map(ordersOf))).flat();
      return tell(orders);
    };
    /** A customer who holds the example. */
    const holder = async () => {
      const end = new Date(house.time.now.getTime() + 30 * DAY_MS);
      const { customer, subscription } = await merchant.subscriber([await example()], { currentPeriodEnd: end });
      await emulated?.link(kind, customer.id);
      await house.settle(customer.id);
      expect(await grantOf(customer.id)).toMatchObject({ state: 'ACTIVE', attentionCode: null });
      return { customerId: customer.id, subscription };
    };
    const pauseAndResume = async (customerId: string, id: string) => {
      await merchant.report(id, { status: 'PAUSED' });
      await house.settle(customerId);
      expect(await grantOf(customerId)).toMatchObject({ state: 'REVOKED' });
      await merchant.report(id, { status: 'ACTIVE' });
      await house.settle(customerId);
    };

    test('has a name for the wire, a name for the API and a word about everything', () => {
      expect(kind.type).toMatch(SNAKE_CASE);
      expect(kind.name).toMatch(/^([A-Z][a-z0-9]+)+$/);
      const fields = [...Object.entries(kind.properties.shape), ...Object.entries(kind.delivers.shape)];
      for (const [name, field] of fields) expect([name, wordAbout(field)]).toEqual([name, expect.stringMatching(/.+/)]);
      expect([kind.description, kind.example.description]).toEqual([
        expect.stringMatching(/.+/),
        expect.stringMatching(/.+/),
      ]);
    });

    test('takes its example, and what it made of it', async () => {
      const properties = await parse(await working());
      expect(await parse(JSON.parse(JSON.stringify(properties)))).toEqual(properties);
    });

    test('refuses wrong properties by name', async () => {
      for (const name of Object.keys(kind.properties.shape)) {
        const wrong = parse({ ...(await working()), [name]: Number.NaN });
        await expect(wrong).rejects.toMatchObject({ code: 'INVALID_INPUT', path: [name] });
      }
      await expect(parse(null)).rejects.toMatchObject({ code: 'INVALID_INPUT', path: [] });
      await expect(parse('properties')).rejects.toMatchObject({ code: 'INVALID_INPUT', path: [] });
    });

    test('delivers, and records what it can read again', async () => {
      const { customerId } = await holder();
      expect(kind.held.safeParse((await grantOf(customerId)).held)).toMatchObject({ success: true });
      for (const delivery of await deliveriesTo(customerId))
        expect(kind.delivers.safeParse(delivery)).toMatchObject({ success: true });
    });

    test('delivers twice what it delivers once', async () => {
      const { customerId } = await holder();
      const [before, delivered] = [await grantOf(customerId), await deliveriesTo(customerId)];
      await house.prisma.benefitGrant.update({ where: { id: before.id }, data: { state: 'CREATED' } });
      await house.settle(customerId);
      expect(await grantOf(customerId)).toMatchObject({ state: 'ACTIVE', held: before.held });
      expect(await deliveriesTo(customerId)).toEqual(delivered);
    });

    test('withdraws, and withdraws twice what it withdraws once', async () => {
      const { customerId, subscription } = await holder();
      await merchant.cancel(subscription.id);
      await house.settle(customerId);
      const before = await grantOf(customerId);
      expect(before).toMatchObject({ state: 'REVOKED', attentionCode: null });
      await house.prisma.benefitGrant.update({ where: { id: before.id }, data: { state: 'ACTIVE' } });
      await house.settle(customerId);
      expect(await grantOf(customerId)).toMatchObject({ state: 'REVOKED', held: before.held });
    });

    test('withdraws what was never delivered', async () => {
      const { customer, subscription } = await merchant.subscriber([await example()]);
      await merchant.cancel(subscription.id);
      await house.settle(customer.id);
      expect(await grantOf(customer.id)).toMatchObject({ state: 'REVOKED', held: null });
    });

    test('gives back what it took', async () => {
      const { customerId, subscription } = await holder();
      const [before, delivered] = [await grantOf(customerId), await deliveriesTo(customerId)];
      await pauseAndResume(customerId, subscription.id);
      expect(await grantOf(customerId)).toMatchObject({ id: before.id, state: 'ACTIVE', held: before.held });
      expect(await deliveriesTo(customerId)).toEqual(delivered);
    });

    test('delivers again what changed, without taking it away', async () => {
      const { customerId } = await holder();
      const before = await grantOf(customerId);
      await house.prisma.benefit.update({ where: { id: before.benefitId }, data: { version: { increment: 1 } } });
      await house.settle(customerId);
      expect(await grantOf(customerId)).toMatchObject({
        state: 'ACTIVE',
        appliedVersion: 2,
        held: before.held,
        grantedAt: before.grantedAt,
      });
      expect((await house.events({ subjectId: before.id })).filter((type) => type.endsWith('revoked'))).toEqual([]);
    });

    test('tells of a new period only if that delivers something', async () => {
      const { customerId, subscription } = await holder();
      const start = subscription.currentPeriodEnd ?? house.time.now;
      await merchant.renew(subscription.id, { periodStart: start, periodEnd: new Date(start.getTime() + 30 * DAY_MS) });
      const { id } = await grantOf(customerId);
      const before = await house.events({ subjectId: id });
      await house.settle(customerId);
      expect(await grantOf(customerId)).toMatchObject({ state: 'ACTIVE', appliedPeriod: start });
      expect(await house.events({ subjectId: id })).toEqual([
        ...before,
        ...(kind.keep.renews ? ['benefit_grant.cycled'] : []),
      ]);
    });

    test('tells nothing when there is nothing to tell', async () => {
      const { customerId } = await holder();
      const before = await house.events();
      await house.settle(customerId);
      expect(await house.events()).toEqual(before);
    });

    test('answers deliveries in the order they were asked for', async () => {
      const people = [await holder(), await holder(), await holder()].map(({ customerId }) => customerId);
      const delivered = await deliveriesTo(...people);
      expect(delivered).toHaveLength(people.length);
      expect(await deliveriesTo(...people.toReversed())).toEqual(delivered.toReversed());
      expect(await tell([])).toEqual([]);
    });

    test('says what to do with it, before and after it is delivered', async () => {
      const { customer } = await merchant.subscriber([await example()]);
      const instructions = async () => (await ordersOf(customer.id)).map((order) => kind.instructions(order as never));
      const words = expect.stringMatching(/\S/);
      expect(await instructions()).toEqual([words]);
      await emulated?.link(kind, customer.id);
      await house.settle(customer.id);
      expect(await instructions()).toEqual([words]);
    });

    test('speaks JSON with names in snake case on the wire, of everything that happens to it', async () => {
      const { customerId, subscription } = await holder();
      await pauseAndResume(customerId, subscription.id);
      const events = await house.prisma.event.findMany({ where: { type: { startsWith: 'benefit' } } });
      expect(new Set(events.map(({ type }) => type)).size).toBeGreaterThanOrEqual(4);
      for (const event of events) {
        const told = wire([kind], event);
        expect(JSON.parse(JSON.stringify(told))).toEqual(told);
        const benefit = (told.benefit ?? told) as { type: string; properties: object };
        expect(benefit.type).toBe(kind.type);
        for (const properties of [told.properties, benefit.properties]) {
          for (const name of namesIn(properties)) expect(name).toMatch(SNAKE_CASE);
        }
      }
    });

    test('never tells on the wire what is sealed', async () => {
      const { customerId } = await holder();
      const sealed = await house.prisma.licenseKey.findMany({ where: { customerId }, select: { sealed: true } });
      const secrets = sealed.map((row) => house.keyring.open(row.sealed));
      const told = JSON.stringify(await house.prisma.event.findMany({ where: { customerId } }), (_, value) =>
        typeof value === 'bigint' ? String(value) : value,
      );
      for (const secret of secrets) expect(told).not.toContain(secret);
    });
  });
}

/** Every name of a JSON object, however deep; maps whose keys are data are the kind's own business. */
const namesIn = (value: unknown): string[] =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value).flatMap(([name, entry]) => [name, ...namesIn(entry)])
    : [];

/** What stands about a field, or about what it wraps with a default or a null. */
const wordAbout = (field: z.core.$ZodType): string | undefined =>
  z.globalRegistry.get(field)?.description ??
  (field instanceof z.ZodDefault || field instanceof z.ZodNullable || field instanceof z.ZodOptional
    ? wordAbout(field.unwrap())
    : undefined);
