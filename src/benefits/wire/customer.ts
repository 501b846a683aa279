import type { Json } from './names.ts';

export function customerOf(customer: Json): Json {
  return {
    id: customer.id,
    created_at: customer.createdAt,
    modified_at: customer.updatedAt,
    metadata: customer.metadata,
    external_id: customer.externalId,
    email: customer.email,
    email_verified: false,
    type: 'individual',
    name: customer.name,
    billing_name: null,
    billing_address: null,
    tax_id: null,
    organization_id: customer.organizationId,
    deleted_at: null,
    avatar_url: null,
  };
}
