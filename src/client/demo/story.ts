import type { Api, Json } from './api.ts';
import type { Columns } from './columns.ts';
import { openLive } from './live.ts';

interface Benefit {
  id: string;
}

interface Validation {
  valid: boolean;
  code: string;
  customer: { externalId: string } | null;
}

/** The whole of what Boon promises, once through. Every line is a real call; an answer that is not as promised ends it. */
export async function tell(api: Api, columns: Columns): Promise<void> {
  const live = await openLive(api, columns);
  const mutate = async <Payload extends Json>(name: string, input: Json): Promise<Payload> => {
    const [answer] = Object.values(await api.send<Record<string, Payload>>(name, { input }));
    check(answer?.__typename === `${name}Payload`, `${name} answered ${JSON.stringify(answer)}`);
    return answer as Payload;
  };
  const validate = async (key: string): Promise<Validation> =>
    (await api.send<{ validateLicenseKey: Validation }>('ValidateLicenseKey', { input: { key } })).validateLicenseKey;
  const suffix = Date.now().toString(36);

  columns.chapter('A merchant configures once');
  const license = await mutate<{ benefit: Benefit }>('CreateBenefit', {
    description: 'Software License',
    properties: { licenseKeys: { prefix: 'MYAPP', activations: { limit: 1 } } },
  });
  columns.step('a license key for each customer, one machine each');
  const support = await mutate<{ benefit: Benefit }>('CreateBenefit', {
    description: 'Priority support via email',
    properties: { custom: { note: 'Email support@example.com and name {{subscription.id}}.' } },
  });
  columns.step('a note with a variable in it');
  const { product: pro } = await mutate<{ product: { id: string } }>('CreateProduct', { name: `Pro ${suffix}` });
  const { product: basic } = await mutate<{ product: { id: string } }>('CreateProduct', { name: `Basic ${suffix}` });
  await mutate('UpdateProductBenefits', { id: pro.id, benefitIds: [license.benefit.id, support.benefit.id] });
  await mutate('UpdateProductBenefits', { id: basic.id, benefitIds: [support.benefit.id] });
  columns.step('Pro carries both, Basic only the note');

  columns.chapter('A customer subscribes');
  const externalId = `user_${suffix}`;
  const { customer } = await mutate<{ customer: { id: string } }>('CreateCustomer', {
    email: `${externalId}@example.com`,
    externalId,
    name: 'Ada',
  });
  const started = performance.now();
  const { subscription } = await mutate<{ subscription: { id: string; grants: Json[] } }>('CreateSubscription', {
    customer: { externalId },
    productId: pro.id,
  });
  check(subscription.grants.length === 2, 'the purchase promises both benefits in its own answer');
  columns.step('two grants stand in the answer of the purchase itself');
  await live.until(customer.id, (states) => states.filter((state) => state === 'ACTIVE').length === 2);
  columns.step(`both delivered ${Math.round(performance.now() - started)} ms after the call`);
  const held = await grantsOf(api, externalId);
  const key = held.flatMap((grant) => grant.delivery?.licenseKey?.key ?? [])[0];
  check(key !== undefined && key.startsWith('MYAPP-'), 'the customer was given a key with the prefix');
  check(held[0]?.benefit.id === license.benefit.id, 'benefits come in the order attached');
  check(held[1]?.delivery?.note?.includes(subscription.id), 'the note names the subscription');
  columns.step(`the customer holds ${key}`);

  columns.chapter('Their application asks, without a token');
  const first = await validate(key);
  check(first.valid && first.customer?.externalId === externalId, 'the key is valid and says whose it is');
  columns.step('validate: valid');
  check((await validate(mistyped(key))).code === 'NOT_FOUND', 'a mistyped key is an answer and no error');
  columns.step('validate a mistyped key: NOT_FOUND, an answer and no error');
  const { activation } = await mutate<{ activation: { id: string } }>('ActivateLicenseKey', {
    key,
    label: "User's MacBook Pro",
  });
  columns.step("activate: User's MacBook Pro");
  const second = await api.send<{ activateLicenseKey: Json }>('ActivateLicenseKey', {
    input: { key, label: 'A second machine' },
  });
  check(second.activateLicenseKey.code === 'LIMIT_REACHED', 'a second machine is refused');
  columns.step('activate a second machine: LIMIT_REACHED');
  await mutate('DeactivateLicenseKey', { activationId: activation.id });
  columns.step('deactivate: the slot is free again');

  columns.chapter('They change to Basic, and back');
  await mutate('ChangeSubscriptionProduct', { id: subscription.id, productId: basic.id });
  check((await validate(key)).code === 'REVOKED', 'the key is refused at once');
  columns.step('validate: REVOKED, from the commit on');
  await live.until(customer.id, (states) => states.includes('REVOKED') && states.includes('ACTIVE'));
  columns.step('the key is withdrawn, the note is untouched');
  await mutate('ChangeSubscriptionProduct', { id: subscription.id, productId: pro.id });
  await live.until(customer.id, (states) => states.every((state) => state === 'ACTIVE'));
  check((await validate(key)).valid, 'the same key comes back to life');
  columns.step('validate: the same key is valid again');

  columns.chapter('They cancel');
  await mutate('CancelSubscription', { id: subscription.id, atPeriodEnd: false });
  check((await validate(key)).code === 'REVOKED', 'the key is refused at once');
  columns.step('validate: REVOKED');
  await live.until(customer.id, (states) => states.every((state) => state === 'REVOKED'));
  const { benefitGrants } = await api.send<{ benefitGrants: { totalCount: number } }>('BenefitGrants', {
    filter: { customer: { externalId }, isGranted: true },
    first: 10,
  });
  check(benefitGrants.totalCount === 0, 'nothing is held any more');
  columns.step('nothing is held any more');
  live.close();
}

interface HeldGrant {
  benefit: Benefit;
  delivery: { licenseKey?: { key: string }; note?: string } | null;
}

async function grantsOf(api: Api, externalId: string): Promise<HeldGrant[]> {
  const { customer } = await api.send<{ customer: { grants: { edges: { node: HeldGrant }[] } } }>('Customer', {
    by: { externalId },
  });
  return customer.grants.edges.map((edge) => edge.node);
}

/** Throws what was promised and did not happen. */
export function check(kept: unknown, promise: string): asserts kept {
  if (!kept) throw new Error(`Not as promised: ${promise}.`);
}

const mistyped = (key: string): string => key.slice(0, -1) + (key.endsWith('X') ? 'Y' : 'X');
