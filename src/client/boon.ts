import { type NewBenefit, type NewFile, propertiesOf } from './benefit-properties.ts';
import type { Activation, Balance, Benefit, Grants, Product, Session, Validation } from './boon-answers.ts';
import { camel, type Json, snake } from './names.ts';
import { BoonError, type Connection, openTransport } from './transport.ts';

export { BoonError } from './transport.ts';
export { validateEvent } from './webhook-event.ts';

export type Client = ReturnType<typeof createClient>;

/** What is asked of whom: by Boon's id, or by the merchant's own. */
type Whose = { customer_id: string } | { external_customer_id: string };
type Said = { activation_id?: string; fingerprint?: string; conditions?: Json; organization_id?: string };

/**
 * Boon for programs, in names like `is_granted`: what a merchant's server does with an access token, and what anyone
 * may do with a license key. Everything throws a BoonError when it is refused; a validation is always an answer.
 */
export function createClient(connection: Connection) {
  const { query, change } = openTransport(connection);
  let own: Promise<string> | null = null;

  /** A token is good for one organization: naming another one is a mistake, and not ignored. */
  const checkOrganization = async (id: string | undefined): Promise<void> => {
    if (id === undefined) return;
    own ??= query<{ currentOrganization: { id: string } }>('CurrentOrganization', {}).then(
      ({ currentOrganization }) => currentOrganization.id,
    );
    const known = await own.catch((error: unknown) => {
      own = null;
      throw error;
    });
    if (known !== id)
      throw new BoonError('There is no such organization.', { code: 'NOT_FOUND', path: ['organization_id'] });
  };
  /** Makes files for those that are named and not there yet; says how each is uploaded. */
  const uploads = (made: object[]) => async (file: NewFile) => {
    const { file: created, upload } = await change<{ file: { id: string }; upload: object }>(
      'AnnounceFile',
      camel(file),
    );
    made.push(snake({ ...created, upload }));
    return created.id;
  };

  return {
    benefits: {
      /** `files` says, of files that were named and not there yet, where to upload them. */
      async create(given: NewBenefit): Promise<Benefit> {
        const { organization_id, description, metadata } = given;
        await checkOrganization(organization_id);
        const files: object[] = [];
        const properties = await propertiesOf(given, uploads(files));
        const { benefit } = await change<{ benefit: { type: string } }>('CreateBenefit', {
          description,
          ...(metadata && { metadata }),
          properties,
        });
        return { ...snake<Benefit>(benefit), type: benefit.type.toLowerCase(), ...(files.length > 0 && { files }) };
      },
    },
    products: {
      /** The whole list, in the order in which customers are given it. */
      async updateBenefits(id: string, { benefits }: { benefits: readonly string[] }): Promise<Product> {
        const { product } = await change<{ product: object }>('UpdateProductBenefits', { id, benefitIds: benefits });
        return snake(product);
      },
    },
    benefitGrants: {
      /** A page of at most 100 grants, newest purchase first; `after` is the `next_cursor` of the page before. */
      async list(asked: GrantsAsked = {}): Promise<Grants> {
        const { organization_id, customer_id, external_customer_id, limit, after, ...rest } = asked;
        await checkOrganization(organization_id);
        const customer = customer_id ? { id: customer_id } : { externalId: external_customer_id };
        const named = customer_id || external_customer_id ? { customer } : {};
        const { benefitGrants } = await query<{ benefitGrants: GrantPage }>('BenefitGrants', {
          filter: { ...camel(rest), ...named },
          first: limit ?? 100,
          after: after ?? null,
        });
        const { edges, totalCount, pageInfo } = benefitGrants;
        return {
          items: edges.map(({ node }) => grantOf(node)),
          pagination: { total_count: totalCount },
          next_cursor: pageInfo.hasNextPage ? pageInfo.endCursor : null,
        };
      },
    },
    meters: {
      /** Amounts are exact decimals, written as text. */
      async getBalance({ meter_id, ...whose }: Whose & { meter_id: string }): Promise<Balance> {
        const asked = { customer: customerBy(whose), meterId: meter_id };
        const { meterBalance } = await query<{ meterBalance: object | null }>('MeterBalance', asked);
        if (!meterBalance) throw new BoonError('There is no such balance.', { code: 'NOT_FOUND', path: ['meter_id'] });
        return { meter_id, ...snake<Omit<Balance, 'meter_id'>>(meterBalance) };
      },
    },
    customerSessions: {
      /** `customer_portal_url` can be used once, within a quarter of an hour. */
      async create({ return_url, ...whose }: Whose & { return_url?: string }): Promise<Session> {
        const told = await change<{ portalUrl: string }>('CreateCustomerSession', {
          customer: customerBy(whose),
          ...(return_url && { returnUrl: return_url }),
        });
        const { portalUrl, ...session } = told;
        return { ...snake<Omit<Session, 'customer_portal_url'>>(session), customer_portal_url: portalUrl };
      },
    },
    licenses: {
      /** Whether a key may be used: always an answer. */
      async validate(question: Said & { key: string; benefit_id?: string; customer_id?: string }): Promise<Validation> {
        const { validateLicenseKey } = await query<{ validateLicenseKey: object }>('ValidateLicenseKey', {
          input: camel(question),
        });
        return snake(validateLicenseKey);
      },
      async activate(
        key: string,
        machine: { label: string; fingerprint?: string; conditions?: Json; meta?: Json; organization_id?: string },
      ): Promise<Activation> {
        const { activation } = await change<{ activation: object }>('ActivateLicenseKey', { key, ...camel(machine) });
        return snake(activation);
      },
      /** Twice is harmless. */
      async deactivate(activationId: string): Promise<{ id: string }> {
        const { activation } = await change<{ activation: object }>('DeactivateLicenseKey', { activationId });
        return snake(activation);
      },
      /** `valid` says that these units were taken. */
      async consume(
        wish: Said & { key: string; units: number; idempotency_key?: string },
      ): Promise<Pick<Validation, 'valid' | 'code' | 'usage' | 'limit_usage'>> {
        const { consumeLicenseKey } = await query<{ consumeLicenseKey: object }>('ConsumeLicenseKey', {
          input: camel(wish),
        });
        return snake(consumeLicenseKey);
      },
      /** A signed license that verifies without Boon. */
      async checkout(
        wish: Said & { key: string; ttl_seconds?: number },
      ): Promise<{ license: string; expires_at: string }> {
        return snake(await change<object>('CheckoutLicenseKey', camel(wish)));
      },
    },
  };
}

interface GrantsAsked {
  customer_id?: string;
  external_customer_id?: string;
  benefit_id?: string;
  is_granted?: boolean;
  subscription_id?: string;
  order_id?: string;
  needs_attention?: boolean;
  organization_id?: string;
  limit?: number;
  after?: string;
}

interface GrantPage {
  totalCount: number;
  edges: { node: { state: string; benefit: { id: string; type: string }; customer: { id: string } } }[];
  pageInfo: { hasNextPage: boolean; endCursor: string };
}

const customerBy = (whose: Whose): object =>
  'customer_id' in whose ? { id: whose.customer_id } : { externalId: whose.external_customer_id };

function grantOf({ state, benefit, customer, ...node }: GrantPage['edges'][0]['node']): Grants['items'][0] {
  return {
    ...snake<Grants['items'][0]>({ ...node, customer, benefit }),
    state: state.toLowerCase(),
    customer_id: customer.id,
    benefit_id: benefit.id,
    benefit: { ...snake<Grants['items'][0]['benefit']>(benefit), type: benefit.type.toLowerCase() },
  };
}
