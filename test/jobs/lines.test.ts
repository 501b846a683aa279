import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Kind } from '../../src/benefits/kind.ts';
import { kinds as allKinds } from '../../src/benefits/kinds.ts';
import { type House, openHouse } from '../support/house.ts';
import { type Merchant, merchantOf } from '../support/merchant.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { toyInRows } from '../support/toy-kind.ts';
import { openWorker } from '../support/worker.ts';

vi.setConfig({ testTimeout: 2 * PATIENCE_MS });

/** As many pages of an edit as are settled at once. */
const PAGES = 2;

type InRows = Extract<Kind['keep'], { where: 'rows' }>;

const toy = toyInRows();
const kept = toy.keep as InRows;
const { promise: released, resolve: release } = Promise.withResolvers<void>();
let pages = 0;
/** A kind whose transactions stay open until the test lets them end. */
const slow = {
  ...toy,
  keep: {
    ...kept,
    deliver: async (...given: Parameters<InRows['deliver']>) => {
      pages += 1;
      await released;
      return kept.deliver(...given);
    },
  } as InRows,
};
const kinds = [...allKinds, slow];

let house: House;
let merchant: Merchant;
beforeAll(async () => {
  house = await openHouse({ kinds, startAt: new Date() });
  merchant = merchantOf(house);
});
afterAll(() => house[Symbol.asyncDispose]());

const statesOf = async (customerId: string) => (await house.grants(customerId)).map(({ state }) => state);

test('whoever buys something waits for no edit, however long its pages take', async () => {
  await using _worker = await openWorker({ url: house.url, kinds });
  const subscribers = [];
  for (let page = 1; page <= PAGES; page++) {
    const note = await house.benefit();
    const { customer, product } = await merchant.subscriber([note.id]);
    await expect.poll(() => statesOf(customer.id), { timeout: PATIENCE_MS }).toEqual(['ACTIVE']);
    await merchant.setBenefits(product.id, [note.id, (await house.benefit('toy_word', { word: 'one' })).id]);
    await expect.poll(() => pages, { timeout: PATIENCE_MS }).toBe(page);
    subscribers.push(customer);
  }
  const { customer } = await merchant.subscriber([(await house.benefit()).id]);
  await expect.poll(() => statesOf(customer.id), { timeout: PATIENCE_MS }).toEqual(['ACTIVE']);
  for (const { id } of subscribers) expect(await statesOf(id)).toEqual(['ACTIVE']);
  release();
  for (const { id } of subscribers)
    await expect.poll(() => statesOf(id), { timeout: PATIENCE_MS }).toEqual(['ACTIVE', 'ACTIVE']);
});
