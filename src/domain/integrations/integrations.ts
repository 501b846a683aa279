import type { Integration, Provider } from '../../../prisma/generated/client/client.ts';
import { ConflictError, NotFoundError } from '../../lib/errors.ts';
import { newId } from '../../lib/id.ts';
import type { Tx } from '../../platform/unit-of-work.ts';

/** A place at a third party, as the provider itself said that it is somebody's to give away. */
export interface Place {
  placeId: string;
  name: string;
}

/** A merchant has shown that these are theirs; from now on their benefits may give access there. Twice is harmless. */
export async function connect(
  tx: Tx,
  { organizationId, provider, places }: { organizationId: string; provider: Provider; places: readonly Place[] },
): Promise<void> {
  for (const { placeId, name } of places) {
    const key = { organizationId, provider, placeId };
    const facts = { id: newId('integration', tx.now), ...key, name, createdAt: tx.now, updatedAt: tx.now };
    const [connected] = await tx.db.integration.createManyAndReturn({ data: [facts], skipDuplicates: true });
    if (connected) tell(tx, 'integration.connected', connected);
    const [renamed] = await tx.db.integration.updateManyAndReturn({
      where: { ...key, name: { not: name } },
      data: { name, updatedAt: tx.now },
    });
    if (renamed) tell(tx, 'integration.updated', renamed);
  }
}

/** Throws unless a merchant has shown that this place is theirs: somebody else's App or bot may be there as well. */
export async function require(
  tx: Tx,
  key: { organizationId: string; provider: Provider; placeId: string },
  { name, path }: { name: string; path: string[] },
): Promise<void> {
  if (await tx.db.integration.findUnique({ where: { organizationId_provider_placeId: key } })) return;
  throw new ConflictError(`Show first that ${name} is yours, with connectIntegration.`, path);
}

/** Nothing more is given there from new benefits; what stands goes on. */
export async function disconnect(
  tx: Tx,
  { organizationId, id }: { organizationId: string; id: string },
): Promise<Integration> {
  await tx.db.$queryRaw`SELECT 1 FROM "Integration" WHERE id = ${id} FOR UPDATE`;
  const integration = await tx.db.integration.findFirst({ where: { id, organizationId } });
  if (!integration) throw new NotFoundError('integration', ['id']);
  await tx.db.integration.delete({ where: { id } });
  tell(tx, 'integration.disconnected', integration);
  return integration;
}

/** Writes down what went wrong at a place last. */
export async function note(
  tx: Tx,
  { organizationId, provider, placeId }: { organizationId: string; provider: Provider; placeId: string },
  { code, message }: { code: string; message: string },
): Promise<void> {
  await tx.db.integration.updateMany({
    where: { organizationId, provider, placeId },
    data: { errorCode: code, errorMessage: message, errorAt: tx.now },
  });
}

function tell(tx: Tx, type: string, { id, organizationId, provider, placeId, name }: Integration): void {
  tx.append({ organizationId, type, subjectId: id, data: { integration: { id, provider, placeId, name } } });
}
