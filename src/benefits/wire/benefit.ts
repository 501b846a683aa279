import type { Kind } from '../kind.ts';
import type { Json } from './names.ts';

export function benefitOf(kinds: readonly Kind[], benefit: Json): Json {
  const kind = kinds.find((candidate) => candidate.type === benefit.type);
  const named = { id: benefit.id as string, organizationId: benefit.organizationId as string };
  return {
    id: benefit.id,
    created_at: benefit.createdAt,
    modified_at: benefit.updatedAt,
    type: benefit.type,
    description: benefit.description,
    selectable: true,
    deletable: true,
    is_deleted: benefit.deletedAt !== null,
    organization_id: benefit.organizationId,
    metadata: benefit.metadata,
    visibility: 'public',
    visibility_configurable: false,
    properties: kind?.wire.properties(benefit.properties as Json, named) ?? {},
  };
}
