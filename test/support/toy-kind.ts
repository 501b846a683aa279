import { z } from 'zod';
import { defineKind, type Hands, type Kind, type Order } from '../../src/benefits/kind.ts';
import { done, gaveUp, needsCustomer, needsMerchant, type Outcome, retryAfter } from '../../src/benefits/outcome.ts';

type Held = { account: string; rooms: Record<string, { before: number | null }> };
type RoomOrder<Had> = Order<{ room: string; level: number }, Had>;

/** What a toy in rows answers, by what it is asked; an error is thrown. */
export type Answers = Partial<
  Record<
    'deliver' | 'reapply' | 'renew' | 'withdraw',
    (order: { benefit: { id: string } }) => Outcome<{ count: number }> | Error
  >
>;

/** A kind that is kept in rows and does as the test says. */
export const toyInRows = ({ answers = {}, renews = false }: { answers?: Answers; renews?: boolean } = {}): Kind =>
  defineKind({
    type: 'toy_word',
    name: 'ToyWord',
    description: 'A word that is kept in rows.',
    properties: z.object({ word: z.string().min(1).meta({ description: 'The word.' }) }),
    example: { description: 'A word', properties: { word: 'hello' } },
    held: z.object({ count: z.int() }),
    delivers: z.object({ word: z.string().meta({ description: 'The word.' }) }),
    keep: {
      where: 'rows',
      renews,
      deliver: async (_tx, orders) =>
        orders.map((order) => said(answers[order.reason]?.(order) ?? done(order.held ?? { count: 1 }))),
      withdraw: async (_tx, orders) => orders.map((order) => said(answers.withdraw?.(order) ?? done(order.held))),
    },
    deliveries: {
      from: 'orders',
      tell: async (_means, orders) => orders.map(({ properties }) => ({ word: properties.word })),
    },
    instructions: ({ properties }) => `Say **${properties.word}**.`,
    wire: { properties: ({ word }) => ({ word }), grant: (held) => (held ? { count: held.count } : {}) },
  });

function said<Had>(answer: Outcome<Had> | Error): Outcome<Had> {
  if (answer instanceof Error) throw answer;
  return answer;
}

/** A kind that lets the customer's account, their name, into a room of the provider at `url`. */
export const toyOutside = (url: string): Kind =>
  defineKind({
    type: 'toy_room',
    name: 'ToyRoom',
    description: 'A place in a room of a third party.',
    properties: z.object({
      room: z.string().min(1).meta({ description: 'Which room.' }),
      level: z.int().min(1).max(5).default(1).meta({ description: 'How much may be done in it.' }),
    }),
    example: { description: 'A place in the lobby', properties: { room: 'lobby' } },
    held: z.object({ account: z.string(), rooms: z.record(z.string(), z.object({ before: z.int().nullable() })) }),
    delivers: z.object({ room: z.string().meta({ description: 'Which room.' }) }),
    keep: {
      where: 'outside',
      claims: ({ properties, customer }) =>
        customer.name ? [{ key: keyOf(properties.room, customer.name), level: properties.level }] : [],
      deliver: (order, hands) => orProblem(() => enter(url, order, hands)),
      withdraw: (order, hands) =>
        orProblem(async () => {
          for (const room of Object.keys(order.held.rooms)) {
            const problem = await leave(url, room, order.held, hands);
            if (problem) return problem;
          }
          return done({ account: order.held.account, rooms: {} });
        }),
    },
    deliveries: {
      from: 'orders',
      tell: async (_means, orders) => orders.map(({ properties }) => ({ room: properties.room })),
    },
    instructions: ({ properties }) => `You are in **${properties.room}**.`,
    wire: {
      properties: ({ room, level }) => ({ room, level }),
      grant: (held) => (held ? { account_id: held.account } : {}),
    },
  });

async function enter(url: string, order: RoomOrder<Held | null>, hands: Hands<Held>): Promise<Outcome<Held>> {
  const { room } = order.properties;
  const account = order.customer.name;
  if (!account) return needsCustomer('CONNECT_TOY', 'Say what you are called.');
  let held = order.held ?? { account, rooms: {} };
  for (const other of Object.keys(held.rooms).filter((name) => name !== room)) {
    const problem = await leave(url, other, held, hands);
    if (problem) return problem;
    const { [other]: _, ...rooms } = held.rooms;
    held = { account, rooms };
  }
  const recorded = held.rooms[room];
  const found = recorded ?? { before: await look(url, room, account, hands) };
  const noted = await hands.together(async (at) => {
    const { before } = recorded ?? (await at.stood(keyOf(room, account), found));
    const next = { account, rooms: { ...held.rooms, [room]: { before } } };
    return (await at.record(next)) ? { next, before } : null;
  });
  if (!noted) return retryAfter(0, 'NO_LONGER_ENTITLED', 'Entitlement ended in the meantime.');
  const { next, before } = noted;
  await put(url, room, account, Math.max(before ?? 0, (await hands.level(keyOf(room, account))) ?? 0), hands);
  return done(next);
}

/** Takes it away unless somebody else holds it; what is in the way, if anything. */
async function leave(url: string, room: string, { account, rooms }: Held, hands: Hands<Held>) {
  const key = keyOf(room, account);
  const before = rooms[room]?.before ?? null;
  const release = await hands.release(key);
  if (release === 'wait') return retryAfter(2, 'BEING_REMOVED', 'It is taken away, or given, for another grant.');
  const level = Math.max(before ?? 0, release === 'shared' ? ((await hands.level(key)) ?? 0) : 0);
  if (level > 0) await put(url, room, account, level, hands);
  else if (release === 'last') await call('DELETE', `${url}/${room}/${account}`, hands);
  if (release === 'last') await hands.removed(key);
  return null;
}

const keyOf = (room: string, account: string) => `room:${room}:account:${account}`;

async function look(url: string, room: string, account: string, hands: Hands<Held>): Promise<number | null> {
  const response = await call('GET', `${url}/${room}/${account}`, hands);
  return ((await response.json()) as { level: number | null }).level;
}

const put = (url: string, room: string, account: string, level: number, hands: Hands<Held>) =>
  call('PUT', `${url}/${room}/${account}`, hands, { level });

class Refused extends Error {
  readonly status: number;
  readonly retryAfterSeconds: number | null;
  constructor({ status, headers }: Response) {
    super(`The provider answered ${status}.`);
    this.status = status;
    this.retryAfterSeconds = headers.has('retry-after') ? Number(headers.get('retry-after')) : null;
  }
}

async function call(method: string, url: string, { signal }: Hands<Held>, body?: object): Promise<Response> {
  const response = await fetch(url, {
    method,
    signal,
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Refused(response);
  return response;
}

async function orProblem(work: () => Promise<Outcome<Held>>): Promise<Outcome<Held>> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refused)) return unavailable(null);
    if (error.status === 403) return needsMerchant('MISSING_PERMISSION', 'The provider does not let us.');
    if (error.status === 410) return gaveUp('The room is gone.');
    return unavailable(error.retryAfterSeconds);
  }
}

const unavailable = (seconds: number | null) =>
  retryAfter(seconds, 'PROVIDER_UNAVAILABLE', 'The provider is away; it will be tried again.');
