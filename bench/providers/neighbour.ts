import { setTimeout as pause } from 'node:timers/promises';
import * as customers from '../../src/domain/customers.ts';
import * as integrations from '../../src/domain/integrations/integrations.ts';
import { insert } from '../../src/platform/rows.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { type Boon, openOrganization } from '../support/boon.ts';
import { createBenefit, createProduct, licenseKeys } from '../support/catalog.ts';
import { linked } from './linked.ts';

const LOOK_MS = 5;
const PURCHASE_EVERY_MS = 250;
/** One of so many purchases is of access, within what its provider takes. */
const KEYS_AN_INVITATION = 4;
/** Each may be sent 50 invitations a day: enough for a run of an hour. */
const REPOSITORIES = 50;

const SUBSCRIBE = `mutation ($customer: CustomerBy!, $productId: ID!) {
  createSubscription(input: { customer: $customer, productId: $productId }) { __typename } }`;

/** Milliseconds from a purchase being sent to what it gives being there. */
export interface Took {
  keys: number[];
  invitations: number[];
}

/** Another organization, which sells license keys, and access to repositories of its own. */
export async function openNeighbour(boon: Boon, hub: Sandbox['github']) {
  const { transaction, database } = boon;
  const merchant = await openOrganization(boon, boon.url);
  const { organizationId } = merchant;
  const { id, login } = hub.addOrganization('elsewhere');
  hub.install(login);
  const places = [{ placeId: String(id), name: login }];
  await transaction((tx) => integrations.connect(tx, { organizationId, provider: 'GITHUB', places }));
  const keys = await createProduct(merchant, 'License', [await createBenefit(merchant, licenseKeys('License'))]);
  const codes: string[] = [];
  for (let index = 0; index < REPOSITORIES; index++) {
    hub.addRepository(`${login}/code-${index}`);
    const repositories = [{ owner: login, name: `code-${index}`, permission: 'PULL' }];
    const properties = { githubRepository: { repositories } };
    codes.push(
      await createProduct(merchant, 'Code', [await createBenefit(merchant, { description: 'Code', properties })]),
    );
  }
  let buyers = 0;

  const buyOne = async (productId: string): Promise<number> => {
    const name = `buyer${buyers++}`;
    const { id: customerId } = await transaction((tx) =>
      customers.create(tx, { organizationId, email: `${name}@example.com` }),
    );
    if (productId !== keys)
      await insert(database.prisma, 'LinkedAccount', [
        linked({ organizationId, customerId }, 'GITHUB', hub.addUser(name), name),
      ]);
    const sentAt = performance.now();
    await merchant.ask(SUBSCRIBE, { customer: { id: customerId }, productId });
    while ((await database.prisma.benefitGrant.count({ where: { customerId, state: 'ACTIVE' } })) === 0)
      await pause(LOOK_MS);
    return performance.now() - sentAt;
  };

  return {
    /** One purchase after the other, until it is over. */
    async buy(isOver: () => boolean): Promise<Took> {
      const took: Took = { keys: [], invitations: [] };
      for (let count = 0; !isOver(); count++) {
        took.keys.push(await buyOne(keys));
        if (count % KEYS_AN_INVITATION === 0)
          took.invitations.push(await buyOne(codes[took.invitations.length % codes.length] ?? ''));
        await pause(PURCHASE_EVERY_MS);
      }
      return took;
    },
  };
}
