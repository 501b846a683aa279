import { openHouse } from './house.ts';
import { merchantOf } from './merchant.ts';
import { toyInRows, toyOutside } from './toy-kind.ts';
import { openProvider, type Write } from './toy-provider.ts';

export type Rooms = Awaited<ReturnType<typeof openRooms>>;
export type Holder = Awaited<ReturnType<Rooms['holder']>>;

/** A house whose merchant sells places in the rooms of a third party. */
export async function openRooms() {
  await using stack = new AsyncDisposableStack();
  const provider = stack.use(await openProvider());
  const house = stack.use(await openHouse({ kinds: [toyOutside(provider.url), toyInRows()] }));
  const merchant = merchantOf(house);
  const closing = stack.move();
  let count = 0;
  const newAccount = () => `account${++count}`;
  const place = (level = 2, room = 'lobby') => house.benefit('toy_room', { room, level });
  const named = async (customerId: string, account: string) => {
    await merchant.rename(customerId, account);
    const first = async () => {
      const [grant] = await house.grants(customerId);
      if (!grant) throw new Error('They have no grant.');
      return grant;
    };
    const states = async () => (await house.grants(customerId)).map(({ state }) => state);
    return { customerId, account, first, states, settle: () => house.settle(customerId) };
  };

  return {
    house,
    provider,
    merchant,
    newAccount,
    place,
    /** A customer with an account of their own who subscribes to a place in each of these rooms. */
    async subscriber(...rooms: string[]) {
      const benefits = [];
      for (const room of rooms) benefits.push(await place(2, room));
      const { customer, product, subscription } = await merchant.subscriber(benefits.map(({ id }) => id));
      return { ...(await named(customer.id, newAccount())), product, subscription, benefits };
    },
    /** The same by a purchase, which a refund can withdraw and give back. */
    async buyer(room = 'lobby') {
      const { customer, order } = await merchant.buyer([(await place(2, room)).id]);
      return { ...(await named(customer.id, newAccount())), order };
    },
    /** Somebody who goes by this account and was given a place at this level. */
    async holder(account: string, level = 2, room = 'lobby') {
      const benefit = await place(level, room);
      const { customer, subscription } = await merchant.subscriber([benefit.id]);
      const holder = await named(customer.id, account);
      await holder.settle();
      return {
        ...holder,
        benefit,
        end: () => merchant.cancel(subscription.id),
        pause: () => merchant.report(subscription.id, { status: 'PAUSED' }),
        resume: () => merchant.report(subscription.id, { status: 'ACTIVE' }),
      };
    },
    /** How many claims there are on what this account was given. */
    claims: (account: string) => house.prisma.resourceClaim.count({ where: { key: { endsWith: `:${account}` } } }),
    /** What was asked of the provider so far: `PUT lobby 2`. */
    told: () => provider.writes.map(({ method, room, level }: Write) => `${method} ${room}${level ? ` ${level}` : ''}`),
    /** Does something once, while the provider has done what was asked and has not said so. Resolves when it is done. */
    meanwhile(work: () => Promise<unknown>): Promise<void> {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      provider.onWrite = async () => {
        provider.onWrite = () => {};
        await work().then(() => resolve(), reject);
      };
      return promise;
    },
    /** Empty rooms, and a provider that does as it is told. */
    reset() {
      provider.rooms.clear();
      provider.writes.length = 0;
      provider.faults.length = 0;
      provider.onWrite = () => {};
      provider.away = false;
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}
