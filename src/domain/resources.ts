import { type BenefitGrant, Prisma, type Resource } from '../../prisma/generated/client/client.ts';
import type { Run } from '../platform/database.ts';
import type { Tx } from '../platform/unit-of-work.ts';
import { isEntitled } from './grants/work.ts';

/** External access, named by itself and not by whoever holds it; of several claims the highest level stands. */
export interface Claim {
  key: string;
  level: number;
}

export interface Claimant {
  organizationId: string;
  grantId: string;
}

/**
 * A grant says what external access it stands for; the claims count from now on, delivered or not. False while
 * another grant is removing one of them: giving it back now would be undone.
 */
export async function claim(tx: Tx, { organizationId, grantId }: Claimant, claims: readonly Claim[]): Promise<boolean> {
  if (claims.length === 0) return true;
  const keys = claims.map(({ key }) => key);
  const resources = await lockResources(tx, organizationId, keys);
  const free = resources.filter((resource) => !isRemovedByAnother(resource, grantId, tx.now));
  const ours = free.filter(({ removingId }) => removingId !== null).map(({ key }) => key);
  if (ours.length > 0)
    await tx.db.resource.updateMany({ where: { organizationId, key: { in: ours } }, data: NOBODY_REMOVES });
  const open = claims.filter(({ key }) => free.some((resource) => resource.key === key));
  await tx.run('claim resources', CLAIM, [
    organizationId,
    grantId,
    open.map(({ key }) => key),
    open.map(({ level }) => level),
  ]);
  return free.length === resources.length;
}

/**
 * What stood there before any of ours: `found` when nobody has looked since the first claim, else what was found then.
 * So what one grant gave never looks to another as if the owner had given it.
 */
export async function stood(
  tx: Tx,
  { organizationId }: Claimant,
  key: string,
  found: Prisma.InputJsonObject,
): Promise<unknown> {
  const [resource] = await tx.run<Pick<Resource, 'stood'>>('what stood', STOOD, [
    organizationId,
    key,
    JSON.stringify(found),
  ]);
  return resource?.stood;
}

const STOOD = `
  INSERT INTO "Resource" AS r ("organizationId", key, stood) VALUES ($1, $2, $3)
  ON CONFLICT ("organizationId", key) DO UPDATE SET stood = coalesce(r.stood, EXCLUDED.stood) RETURNING stood`;

export type Release = 'last' | 'shared' | 'wait';

/**
 * A grant gives its claim back and asks whether the access itself is now to be removed. `last`: yes, by this grant and
 * nobody else, until `until`. `shared`: no, an entitled grant still holds it, or it is gone already. `wait`: another
 * grant is removing it, or is entitled to it and has not been given it yet: whoever gave it stays answerable until
 * somebody else has written down that they hold it.
 */
export async function release(tx: Tx, claimant: Claimant, key: string, until: Date): Promise<Release> {
  const { organizationId, grantId } = claimant;
  const resource = await lockResource(tx, organizationId, key);
  if (isRemovedByAnother(resource, grantId, tx.now)) return 'wait';
  const claims = await tx.db.resourceClaim.findMany({
    where: { organizationId, key },
    include: { grant: { include: { benefit: { select: { version: true } } } } },
  });
  const others = claims.filter((claim) => claim.grantId !== grantId);
  const entitled = others.filter((claim) => isEntitled(claim.grant, tx.now));
  const isMine = claims.length > others.length;
  if (isMine && entitled.length > 0 && !entitled.some(({ grant }) => isDelivered(grant))) return 'wait';
  if (!isMine || entitled.length > 0) {
    await drop(tx, claimant, key, [grantId]);
    return 'shared';
  }
  const data = { removingId: grantId, removingUntil: until };
  await tx.db.resource.update({ where: { organizationId_key: { organizationId, key } }, data });
  // They have ended as well and do not know yet that it is gone: one that is entitled again is to be given it again.
  await tx.db.benefitGrant.updateMany({
    where: { id: { in: others.map((claim) => claim.grantId) } },
    data: { appliedVersion: 0 },
  });
  return 'last';
}

/** The access is gone: the claims of every grant that ended are settled with it, so that nobody removes it twice. */
export async function removed(tx: Tx, claimant: Claimant, key: string): Promise<void> {
  const { organizationId, grantId } = claimant;
  await lockResource(tx, organizationId, key);
  const claims = await tx.db.resourceClaim.findMany({ where: { organizationId, key }, include: { grant: true } });
  const ended = claims.filter((claim) => claim.grantId === grantId || !isEntitled(claim.grant, tx.now));
  await drop(
    tx,
    claimant,
    key,
    ended.map((claim) => claim.grantId),
  );
  const data = { ...NOBODY_REMOVES, stood: Prisma.DbNull };
  await tx.db.resource.update({ where: { organizationId_key: { organizationId, key } }, data });
}

/** A grant claims nothing any more: what it still claimed, it was never given, or somebody else has. */
export async function forget(tx: Tx, claimant: Claimant): Promise<void> {
  const claims = await tx.db.resourceClaim.findMany({ where: { grantId: claimant.grantId } });
  if (claims.length === 0) return;
  const keys = claims.map(({ key }) => key);
  await lockResources(tx, claimant.organizationId, keys);
  for (const key of keys) await drop(tx, claimant, key, [claimant.grantId]);
}

/**
 * The highest level that an entitled grant claims; null when nobody does. Whoever claims more from now on has yet to be
 * given it, and sees to that.
 */
export async function highestLevel(run: Run, organizationId: string, key: string, now: Date): Promise<number | null> {
  const [row] = await run<{ level: number | null }>('highest level', HIGHEST, [organizationId, key, now]);
  return row?.level ?? null;
}

const HIGHEST = `
  SELECT max(level) AS level FROM "ResourceClaim" c JOIN "BenefitGrant" g ON g.id = c."grantId"
  WHERE c."organizationId" = $1 AND c.key = $2 AND g."stoppedAt" IS NULL
    AND (g."entitledUntil" IS NULL OR g."entitledUntil" > $3)`;

/** As its benefit says today: what it claims stands in what it holds. */
const isDelivered = ({ state, appliedVersion, benefit }: BenefitGrant & { benefit: { version: number } }): boolean =>
  state === 'ACTIVE' && appliedVersion >= benefit.version;

/** With the last claim goes what was known about it. */
async function drop(tx: Tx, { organizationId }: Claimant, key: string, grantIds: readonly string[]): Promise<void> {
  await tx.db.resourceClaim.deleteMany({ where: { organizationId, key, grantId: { in: [...grantIds] } } });
  if ((await tx.db.resourceClaim.count({ where: { organizationId, key } })) > 0) return;
  await tx.db.resource.update({
    where: { organizationId_key: { organizationId, key } },
    data: { stood: Prisma.DbNull },
  });
}

interface Removal {
  removingId: string | null;
  removingUntil: Date | null;
}

const NOBODY_REMOVES: Removal = { removingId: null, removingUntil: null };

const isRemovedByAnother = ({ removingId, removingUntil }: Removal, grantId: string, now: Date): boolean =>
  removingId !== null && removingId !== grantId && removingUntil !== null && removingUntil > now;

const CLAIM = `
  INSERT INTO "ResourceClaim" ("organizationId", key, "grantId", level)
  SELECT $1, key, $2, max(level) FROM unnest($3::text[], $4::int[]) AS claim(key, level) GROUP BY key ORDER BY key
  ON CONFLICT ("organizationId", key, "grantId") DO UPDATE SET level = EXCLUDED.level`;

async function lockResource(tx: Tx, organizationId: string, key: string): Promise<Resource> {
  const [resource] = await lockResources(tx, organizationId, [key]);
  if (!resource) throw new Error(`There is no resource ${key}.`);
  return resource;
}

/**
 * Decisions about one resource come one after the other, whichever customers they concern. Whoever takes several takes
 * them at once, in the order that the database has for their keys.
 */
async function lockResources(tx: Tx, organizationId: string, keys: readonly string[]): Promise<Resource[]> {
  await tx.run('add resources', ADD, [organizationId, keys]);
  const resources = await tx.run<Resource>('lock resources', LOCK, [organizationId, keys]);
  tx.now = tx.clock();
  return resources;
}

const LOCK = 'SELECT * FROM "Resource" WHERE "organizationId" = $1 AND key = ANY($2) ORDER BY key FOR UPDATE';
const ADD = `
  INSERT INTO "Resource" ("organizationId", key) SELECT DISTINCT $1, key FROM unnest($2::text[]) AS key ORDER BY key
  ON CONFLICT DO NOTHING`;
