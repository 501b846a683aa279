import type { z } from 'zod';
import type { Prisma } from '../../prisma/generated/client/client.ts';
import * as integrations from '../domain/integrations/integrations.ts';
import { InvalidInputError } from '../lib/errors.ts';
import type { Tx } from '../platform/unit-of-work.ts';
import type { Kind } from './kind.ts';
import type { Means } from './means.ts';

/** The kind a benefit is of. Throws when this Boon does not have it. */
export function kindOf(kinds: readonly Kind[], type: string): Kind {
  const kind = kinds.find((candidate) => candidate.type === type);
  if (!kind) throw new Error(`There is no benefit kind ${type}.`);
  return kind;
}

/** Whether what a kind delivers is, or holds, such a noun. */
export const delivers = ({ delivers }: Kind, noun: string): boolean =>
  Object.values(delivers.shape).some((field) => (field as z.ZodType).meta()?.reference === noun);

/**
 * What a merchant configured, as far as it can be told without our own rows: its shape, and what a third party says
 * about it. No transaction may be open. Throws an InvalidInputError as `parseProperties` does.
 */
export async function inspectProperties(kind: Kind, given: unknown, means: Means): Promise<Record<string, unknown>> {
  const properties = shape(kind, given);
  return (await kind.inspect?.(properties, means)) ?? properties;
}

/**
 * What a merchant configured, checked and completed by its kind. Throws an InvalidInputError that names the first
 * field at fault, with a path inside the properties.
 */
export async function parseProperties(
  tx: Tx,
  kind: Kind,
  given: { organizationId: string; properties: unknown },
  means: Means,
): Promise<Prisma.InputJsonObject> {
  const properties = shape(kind, given.properties);
  for (const { name, path, ...place } of kind.places?.(properties) ?? [])
    await integrations.require(tx, { organizationId: given.organizationId, ...place }, { name, path });
  await kind.check?.(tx, { organizationId: given.organizationId, properties }, means);
  return properties as Prisma.InputJsonObject;
}

function shape(kind: Kind, given: unknown): Record<string, unknown> {
  const parsed = kind.properties.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InvalidInputError(issue?.message ?? 'It does not fit.', issue?.path.map(String) ?? []);
}
