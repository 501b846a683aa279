import { link } from '../../src/domain/accounts/accounts.ts';
import { connect } from '../../src/domain/integrations/integrations.ts';
import { type Api, merchant } from './api.ts';

export type OneOfEach = Awaited<ReturnType<typeof oneOfEach>>;

/** The ids of something of every kind, all of one organization, and about one customer. */
export async function oneOfEach(api: Api, organizationId: string, name: string) {
  const make = async (mutation: string, input: object, selection: string): Promise<string> => {
    const answer = await api.call(mutation, input, selection, merchant(organizationId));
    const id = answer.id ?? Object.values<{ id?: string }>(answer).find((made) => made.id)?.id;
    if (!id) throw new Error(`${mutation}: ${JSON.stringify(answer)}`);
    return id;
  };
  const benefitWith = (properties: object) =>
    make('createBenefit', { description: 'One', properties }, 'benefit { id }');

  const customer = await make('createCustomer', { email: `${name}@example.com`, externalId: name }, 'customer { id }');
  const meter = await make('createMeter', { name: 'Calls', aggregation: { function: 'COUNT' } }, 'meter { id }');
  const file = await make('createFile', { name: 'a.txt', size: '10' }, 'file { id }');
  const note = await benefitWith({ custom: {} });
  const keys = await benefitWith({ licenseKeys: { activations: { limit: 5 } } });
  const benefitIds = [
    note,
    keys,
    await benefitWith({ meterCredit: { meterId: meter, units: 100 } }),
    await benefitWith({ downloadables: { fileIds: [file] } }),
  ];
  const product = await make('createProduct', { name: 'Product' }, 'product { id }');
  await make('updateProductBenefits', { id: product, benefitIds }, 'product { id }');
  const sale = { customer: { id: customer }, productId: product };
  const subscription = await make('createSubscription', sale, 'subscription { id }');
  const order = await make('createOrder', { ...sale, amount: '10' }, 'order { id }');
  const refund = await make('createRefund', { orderId: order, amount: '1' }, 'refund { id }');
  const grant = await make('createBenefitGrant', { customer: { id: customer }, benefitId: note }, 'grant { id }');
  await api.settle(customer);

  const license = await api.prisma.licenseKey.findFirstOrThrow({
    where: { customerId: customer },
    select: { id: true, sealed: true },
  });
  const key = api.keyring.open(license.sealed);
  const endpoint = await make(
    'createWebhookEndpoint',
    { url: 'http://127.0.0.1:9/', events: ['*'] },
    'endpoint { id }',
  );
  await api.transaction((tx) => connect(tx, { organizationId, provider: 'GITHUB', places: [{ placeId: name, name }] }));
  const owner = { organizationId, customerId: customer, types: [] };
  const profile = { accountId: name, username: name, scopes: [], tokens: null };
  const account = await api.transaction((tx) => link(tx, owner, 'GITHUB', profile));
  return {
    organization: organizationId,
    customer,
    meter,
    file,
    version: (await api.prisma.fileVersion.findFirstOrThrow({ where: { organizationId } })).id,
    benefit: keys,
    product,
    subscription,
    order,
    refund,
    grant,
    license: license.id,
    key,
    activation: await make('activateLicenseKey', { key, label: 'Laptop' }, 'activation { id }'),
    hold: await make('holdCredits', { customer: { id: customer }, meterId: meter, units: '5' }, 'hold { id }'),
    threshold: await make('createCreditThreshold', { meterId: meter, percent: '10' }, 'id'),
    webhook: endpoint,
    endpoint,
    delivery: await make('sendTestWebhook', { id: endpoint }, 'delivery { id }'),
    session: await make('createCustomerSession', { customer: { id: customer } }, 'id'),
    token: await make('createAccessToken', { name: 'token' }, 'accessToken { id }'),
    mail: (await mailTo(api, { organizationId, customerId: customer, subjectId: order })).id,
    account: account.id,
    integration: (await api.prisma.integration.findFirstOrThrow({ where: { organizationId } })).id,
  };
}

function mailTo(api: Api, of: { organizationId: string; customerId: string; subjectId: string }) {
  const now = api.clock();
  const text = { subject: 'Hello', text: 'Hello', html: 'Hello', recipient: 'ada@example.com' };
  const times = { composedAt: now, sendAt: now, createdAt: now, updatedAt: now };
  return api.prisma.mail.create({
    data: {
      ...of,
      ...text,
      ...times,
      id: `mai_${of.customerId}`,
      key: 'hello',
      occasion: 'welcome',
      about: {},
      state: 'SENT',
    },
  });
}
