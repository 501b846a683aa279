import { print } from 'graphql';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import * as benefits from '../../src/domain/benefits.ts';
import * as cursors from '../../src/domain/cursors.ts';
import * as products from '../../src/domain/products.ts';
import * as subscriptions from '../../src/domain/subscriptions/subscriptions.ts';
import { after, DAY_MS } from '../../src/lib/time.ts';
import type { Bus } from '../../src/platform/bus.ts';
import { openMemoryBus } from '../../src/platform/bus-memory.ts';
import { openPostgresBus } from '../../src/platform/bus-postgres.ts';
import { openRedisBus } from '../../src/platform/bus-redis.ts';
import { openLog } from '../../src/platform/log.ts';
import { documents } from '../operations/documents.ts';
import { type Heard, hear, type Listen, meanwhile, overEvents, overSocket } from '../support/listen.ts';
import { type Node, openNode } from '../support/node.ts';
import { post } from '../support/post.ts';

const log = openLog('silent');
const text = (name: string) => print(documents.get(name) ?? { kind: 'Document' as never, definitions: [] });
const GRANTS = text('BenefitGrantChanged');
const EVENTS = text('EventAppended');
const inDays = (days: number) => after(new Date(), days * DAY_MS);

exercise('WebSocket, memory', overSocket, () => openMemoryBus());
exercise('WebSocket, Redis', overSocket, () => openRedisBus({ url: inject('redisUrl'), log }));
exercise('WebSocket, PostgreSQL', overSocket, (url) => openPostgresBus({ url, log }));
exercise('server-sent events, memory', overEvents, () => openMemoryBus());
exercise('server-sent events, Redis', overEvents, () => openRedisBus({ url: inject('redisUrl'), log }));

/** What every stream does: something happens on one node, and somebody listens to another. */
function exercise(name: string, listen: Listen, openBus: (databaseUrl: string) => Bus | Promise<Bus>): void {
  describe(name, () => {
    let here: Node;
    let there: Node;
    let token: string;
    beforeAll(async () => {
      const data = await openNode();
      here = await openNode({ of: data, bus: await openBus(data.databaseUrl) });
      there = await openNode({ of: data, bus: await openBus(data.databaseUrl) });
      token = (await here.token()).token;
      closing.use(data);
    });
    const closing = new AsyncDisposableStack();
    afterAll(async () => {
      await here[Symbol.asyncDispose]();
      await there[Symbol.asyncDispose]();
      await closing.disposeAsync();
    });
    const start = async (query = '{ currentOrganization { liveCursor } }', by = token) => {
      const { body } = await post(here.url, { query, token: by });
      return (body.data.currentOrganization ?? body.data.currentCustomer).liveCursor as string;
    };
    /** A customer who subscribes to a product with one benefit; the grant is delivered. */
    const subscribe = async () => {
      const customer = await here.customer();
      const { organizationId } = here;
      const subscription = await here.transaction(async (tx) => {
        const properties = { note: 'Hello', fulfillment: 'AUTOMATIC' };
        const { id } = await benefits.create(tx, { organizationId, type: 'custom', description: 'A note', properties });
        const product = await products.create(tx, { organizationId, name: 'Pro' });
        await products.setBenefits(tx, { organizationId, id: product.id, benefitIds: [id] });
        return subscriptions.create(tx, { organizationId, customerId: customer.id, productId: product.id });
      });
      await here.settle(customer.id);
      return { customer, subscription };
    };

    test('a grant is told from its promise to its end, as it is then', async () => {
      const after = await start();
      const { customer, subscription } = await subscribe();
      const stream = listen(there.url, token, GRANTS, { customer: { id: customer.id }, after });
      const told = [(await stream.next()).value, (await stream.next()).value];
      expect(told.map(({ data }) => data.benefitGrantChanged)).toEqual([
        expect.objectContaining({ change: 'CREATED', grant: expect.objectContaining({ state: 'ACTIVE' }) }),
        expect.objectContaining({
          change: 'UPDATED',
          grant: expect.objectContaining({ state: 'ACTIVE', attention: null }),
        }),
      ]);
      await here.transaction((tx) =>
        subscriptions.revoke(tx, { organizationId: here.organizationId, id: subscription.id }),
      );
      await here.settle(customer.id);
      const ends = (await hear(stream, 2)).map(({ data }) => data.benefitGrantChanged);
      expect(ends.map(({ change }) => change)).toEqual(['UPDATED', 'REVOKED']);
      expect(ends[1].grant).toMatchObject({ state: 'REVOKED', revoking: false });
    });

    test('a merchant hears of one customer, however named, or of all', async () => {
      const after = await start();
      const [{ customer: ada }, { customer: alan }] = [await subscribe(), await subscribe()];
      const grantsOf = async (customer: object | undefined, count: number) => {
        const heard = await hear(
          listen(
            there.url,
            token,
            `subscription ($customer: CustomerBy, $after: String) {
          benefitGrantChanged(customer: $customer, after: $after) { grant { customer { id } } } }`,
            { customer, after },
          ),
          count,
        );
        return new Set(heard.map(({ data }) => data.benefitGrantChanged.grant.customer.id));
      };
      expect(await grantsOf({ email: ada.email.toUpperCase() }, 2)).toEqual(new Set([ada.id]));
      expect(await grantsOf({ id: alan.id }, 2)).toEqual(new Set([alan.id]));
      expect(await grantsOf(undefined, 4)).toEqual(new Set([ada.id, alan.id]));
    });

    test('a customer hears themselves, whether they say so or not, and nobody else', async () => {
      const [{ customer: ada }, { customer: alan }] = [await subscribe(), await subscribe()];
      const session = await here.session(ada.id);
      const from = cursors.issue({ organizationId: here.organizationId, sequence: 0n, now: new Date() });
      for (const customer of [undefined, { id: ada.id }, { email: ada.email }]) {
        const heard = await hear(listen(there.url, session.token, GRANTS, { customer, after: from }), 2);
        expect(heard.map(({ data }) => data.benefitGrantChanged.change)).toEqual(['CREATED', 'UPDATED']);
      }
      const [refused] = await hear(listen(there.url, session.token, GRANTS, { customer: { id: alan.id } }), 1);
      expect(refused?.errors?.[0]).toMatchObject({
        message: 'There is no such customer.',
        extensions: { code: 'BAD_USER_INPUT', path: ['customer'] },
      });
      const [forbidden] = await hear(listen(there.url, session.token, EVENTS), 1);
      expect(forbidden?.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
    });

    test('a cursor taken in a query misses nothing that the answer does not show', async () => {
      const customer = await here.customer();
      const session = await here.session(customer.id);
      const after = await start('{ currentCustomer { id grants { totalCount } liveCursor } }', session.token);
      const stream = listen(there.url, token, EVENTS, { types: ['customer.*'], after });
      const next = stream.next();
      const later = await here.customer();
      expect((await next).value.data.eventAppended).toMatchObject({ type: 'customer.created', data: { id: later.id } });
      await stream.return?.();
    });

    test('events are told as webhooks tell them, of the types one asks for', async () => {
      const after = await start();
      const { customer } = await subscribe();
      const heard = await hear(
        listen(there.url, token, EVENTS, { types: ['benefit_grant.*', 'customer.created'], after }),
        3,
      );
      const told = heard.map(({ data }) => data.eventAppended);
      expect(told.map(({ type }) => type)).toEqual([
        'customer.created',
        'benefit_grant.created',
        'benefit_grant.updated',
      ]);
      expect(told[0].data).toMatchObject({ id: customer.id, email: customer.email, external_id: null });
      expect(told[2].data).toMatchObject({ customer_id: customer.id, is_granted: true, customer: { id: customer.id } });
    });

    test('without gap or double across reconnects, while ten append 500 events', async () => {
      const begin = await start();
      const append = async (first: number) => {
        for (let index = first; index < 500; index += 10)
          await here.happen('thing.happened', { data: { thing: { index } } });
      };
      const appending = Promise.all(Array.from({ length: 10 }, (_, first) => append(first)));
      appending.catch(() => {});
      const follow = async (patience: number) => {
        const told: Heard['data'][] = [];
        while (told.length < 500) {
          const cursor = told.at(-1)?.cursor ?? begin;
          const count = Math.min(patience, 500 - told.length);
          const node = told.length % 2 ? here : there;
          const heard = await hear(
            listen(node.url, token, EVENTS, { types: ['thing.happened'], after: cursor }),
            count,
          );
          told.push(...heard.map(({ data }) => data.eventAppended));
        }
        return told;
      };
      const [few, many] = await Promise.all([follow(47), follow(199)]);
      await appending;
      expect(few.map(({ id }) => id)).toEqual(many.map(({ id }) => id));
      expect(new Set(few.map(({ data }) => data.index))).toEqual(
        new Set(Array.from({ length: 500 }, (_, index) => index)),
      );
    });

    describe('what cannot be heard is refused, and said why', () => {
      const refusal = async (query: string, variables: object, by = token) => {
        const [heard] = await hear(listen(there.url, by, query, variables), 1);
        expect(heard?.data ?? null).toBeNull();
        return heard?.errors?.[0]?.extensions;
      };
      const cursorOf = (organizationId: string, now = new Date()) =>
        cursors.issue({ organizationId, sequence: 0n, now });

      test('cursors: malformed, foreign, expired, and from the future', async () => {
        const invalid = { code: 'BAD_USER_INPUT', path: ['after'] };
        for (const cursor of ['x', '', '\0', 'x'.repeat(10_000)])
          expect(await refusal(EVENTS, { after: cursor })).toEqual(invalid);
        const other = await here.newOrganization('Other');
        expect(await refusal(EVENTS, { after: cursorOf(other.id) })).toEqual(invalid);
        const old = cursorOf(here.organizationId, inDays(-30));
        expect(await refusal(EVENTS, { after: old })).toEqual({ code: 'CURSOR_EXPIRED' });
        const beyond = cursors.issue({ organizationId: here.organizationId, sequence: 10n ** 9n, now: new Date() });
        expect(await refusal(EVENTS, { after: beyond })).toEqual(invalid);
      });

      test('what is older than 30 days, whatever a cursor says of itself', async () => {
        const { id: organizationId } = await here.newOrganization('Old');
        const { token: theirs } = await here.token({ organizationId });
        await here.happen('thing.old', { organizationId });
        await here.happen('thing.new', { organizationId });
        await here.database.prisma.event.updateMany({
          where: { organizationId, type: 'thing.old' },
          data: { occurredAt: inDays(-30) },
        });
        const from = (sequence: bigint, now: Date) => ({ after: cursors.issue({ organizationId, sequence, now }) });
        for (const claimed of [new Date(), inDays(365)])
          expect(await refusal(EVENTS, from(0n, claimed), theirs)).toEqual({ code: 'CURSOR_EXPIRED' });
        const [heard] = await hear(listen(there.url, theirs, EVENTS, from(1n, new Date())), 1);
        expect(heard?.data).toMatchObject({ eventAppended: { type: 'thing.new' } });
      });

      test('types that are none', async () => {
        expect(await refusal(EVENTS, { types: [] })).toEqual({ code: 'BAD_USER_INPUT', path: ['types'] });
        expect(await refusal(EVENTS, { types: ['a.b', '.*'] })).toEqual({
          code: 'BAD_USER_INPUT',
          path: ['types', '1'],
        });
        expect(await refusal(EVENTS, { types: Array(51).fill('a.b') })).toEqual({
          code: 'BAD_USER_INPUT',
          path: ['types'],
        });
      });

      test("customers: unknown, another organization's, malformed", async () => {
        const notFound = { code: 'BAD_USER_INPUT', path: ['customer'] };
        for (const customer of [{ id: 'cus_unknown' }, { email: 'nobody@example.com' }, { externalId: '' }]) {
          expect(await refusal(GRANTS, { customer })).toEqual(notFound);
        }
        const other = await here.newOrganization('Other');
        const stranger = (await here.token({ organizationId: other.id })).token;
        expect(await refusal(GRANTS, { customer: { id: (await here.customer()).id } }, stranger)).toEqual(notFound);
        expect(await refusal(GRANTS, { customer: { id: 'a', email: 'b' } })).toMatchObject({ code: 'BAD_USER_INPUT' });
        expect(await refusal(GRANTS, { customer: { email: 'a\0b' } })).toMatchObject({ code: 'BAD_USER_INPUT' });
      });

      test('tokens without the scope', async () => {
        const { token: narrow } = await here.token({ scopes: ['customers:read'] });
        expect(await refusal(EVENTS, {}, narrow)).toMatchObject({ code: 'FORBIDDEN' });
        expect(await refusal(GRANTS, {}, narrow)).toMatchObject({ code: 'FORBIDDEN' });
      });

      test('too much', async () => {
        const query = `subscription { ${'benefitGrantChanged { grant { customer { '.repeat(1)} ${'grants { edges { node { customer { '.repeat(10)} id ${'} } } }'.repeat(10)} } } } }`;
        expect(await refusal(query, {})).toMatchObject({ code: 'QUERY_TOO_COMPLEX' });
      });
    });

    test('who leaves, leaves nothing behind', async () => {
      const streams = Array.from({ length: 5 }, () => listen(there.url, token, EVENTS, { types: ['thing.left'] }));
      await meanwhile(Promise.all(streams.map((stream) => stream.next())), () => here.happen('thing.left'));
      expect(there.following()).toBe(1);
      const waits = streams.map((stream) => stream.next().catch(() => {}));
      for (const stream of streams) await stream.return?.();
      await expect.poll(() => there.following()).toBe(0);
      await Promise.all(waits);
    });
  });
}
