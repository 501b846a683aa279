import { expect } from 'vitest';
import { judge } from '../../src/domain/grants/entitlement.ts';
import { factsOf, type LoadedGrant, loadMany } from '../../src/domain/grants/facts.ts';
import { isEntitled } from '../../src/domain/grants/work.ts';
import { PERMISSIONS } from '../../src/sandbox/github/state.ts';
import { repositoryKey, roleKey, type Town } from './town.ts';

/** Some access of one account at a provider: a level in a repository, or a role. */
interface Access {
  key: string;
  level: number;
}

interface Promised {
  grant: LoadedGrant;
  isEntitled: boolean;
  /** What the account is to have; none while no account is linked. */
  accesses: Access[];
}

const SENTENCE = /^\S.{10,}$/s;
const GIVEN = ['ACTIVE', 'INVITED'];

/**
 * What the providers hold is exactly what customers are entitled to and what was given by hand. Where it is not, the
 * grant in question says why. Whatever was sent and answered is as the providers publish it.
 */
export async function expectEven(town: Town): Promise<void> {
  town.contract.expectKept();
  const now = town.now();
  const ids = await town.database.prisma.customer.findMany({ select: { id: true } });
  const customers = await town.transaction((tx) =>
    loadMany(
      tx,
      ids.map(({ id }) => id),
    ),
  );
  const promised = customers.flatMap((customer) => {
    expect(judge(factsOf(customer), now)).toEqual([]);
    return customer.grants.map((grant): Promised => {
      const account = customer.accounts.find(({ provider }) => provider === providerOf(grant));
      const entitled = isEntitled(grant, now);
      const accountId = entitled ? account?.accountId : accountHeldBy(grant);
      return { grant, isEntitled: entitled, accesses: accountId ? accessesOf(grant, accountId, entitled) : [] };
    });
  });
  const held = heldAt(town);
  const wanted = new Map(town.byHand);
  for (const { accesses } of promised.filter((one) => one.isEntitled))
    for (const { key, level } of accesses) wanted.set(key, Math.max(level, wanted.get(key) ?? -1));

  const told = new Map<string, Awaited<ReturnType<Town['grant']>>>();
  for (const { id } of customers) for (const grant of await town.grants(id)) told.set(grant.id, grant);
  const explained = new Set<string>();
  for (const { grant, isEntitled, accesses } of promised) {
    const says = told.get(grant.id);
    const lacks = accesses.filter(({ key, level }) => (held.get(key) ?? -1) < level);
    const keeps = accesses.filter(({ key }) => (held.get(key) ?? -1) > (wanted.get(key) ?? -1));
    const waits = isEntitled ? lacks.length > 0 || accesses.length === 0 : keeps.length > 0;
    if (says.attention) for (const { key } of accesses) explained.add(key);
    if (waits) expectWord(says);
    else if (!isEntitled) expect(says).toMatchObject({ state: 'REVOKED', revoking: false, attention: null });
    else if (!says.attention) {
      expect(says).toMatchObject({ state: 'ACTIVE', instructions: expect.stringMatching(SENTENCE) });
      const { repositories, roles } = says.delivery;
      for (const { status } of repositories ?? roles) expect(GIVEN).toContain(status);
    }
  }
  const uneven = [...new Set([...held.keys(), ...wanted.keys()])].filter((key) => held.get(key) !== wanted.get(key));
  expect(uneven.filter((key) => !explained.has(key))).toEqual([]);
  expectNobodyLeftIn(town, promised);
}

/** It says what is the matter, whose matter it is, and what to do. */
function expectWord(says: Awaited<ReturnType<Town['grant']>>): void {
  expect(says.attention).toEqual({
    code: expect.stringMatching(/^[A-Z_]+$/),
    message: expect.stringMatching(SENTENCE),
    actor: expect.stringMatching(/^(CUSTOMER|MERCHANT|SYSTEM)$/),
    attempts: expect.any(Number),
    retryAt: says.attention?.actor === 'SYSTEM' || says.revoking ? expect.any(String) : null,
  });
}

const providerOf = ({ benefit }: LoadedGrant) => (benefit.type === 'discord' ? 'DISCORD' : 'GITHUB');

const accountHeldBy = ({ held }: LoadedGrant): string | undefined =>
  (held as { account?: { id: string } } | null)?.account?.id;

interface Names {
  guildId: string;
  roles: { roleId: string }[];
  repositories: { repositoryId: string; permission: string }[];
  items: { roleId: string; repositoryId: string; permission: string }[];
  kickOnRevoke: boolean;
}

/** Of an entitled grant what its benefit says, of another what was recorded and is yet to be taken. */
function accessesOf({ benefit, held }: LoadedGrant, accountId: string, isEntitled: boolean): Access[] {
  const said = (isEntitled ? benefit.properties : held) as unknown as Names;
  if (benefit.type === 'discord')
    return (isEntitled ? said.roles : said.items).map(({ roleId }) => ({
      key: roleKey(said.guildId, roleId, accountId),
      level: 0,
    }));
  return (isEntitled ? said.repositories : said.items).map(({ repositoryId, permission }) => ({
    key: repositoryKey(repositoryId, accountId),
    level: PERMISSIONS.indexOf(permission.toLowerCase() as never),
  }));
}

/** Everything the emulated providers have given. */
function heldAt({ hub, realm }: Town): Map<string, number> {
  const held = new Map<string, number>();
  for (const { id, collaborators, invitations } of hub.state.repositories.values()) {
    for (const [accountId, permission] of collaborators)
      held.set(repositoryKey(id, accountId), PERMISSIONS.indexOf(permission));
    for (const sent of invitations.values())
      if (!hub.isLapsed(sent)) held.set(repositoryKey(id, sent.inviteeId), PERMISSIONS.indexOf(sent.permission));
  }
  for (const guild of realm.state.guilds.values())
    for (const { userId, roles } of guild.members.values())
      for (const id of roles) if (!guild.roles.get(id)?.managed) held.set(roleKey(guild.id, id, userId), 0);
  return held;
}

/** Whom we took in and were to put out is out. */
function expectNobodyLeftIn({ realm, residents }: Town, promised: readonly Promised[]): void {
  const staying = promised.filter((one) => one.isEntitled).flatMap(({ accesses }) => accesses.map(({ key }) => key));
  for (const { grant, isEntitled } of promised) {
    const { guildId, kickOnRevoke } = grant.benefit.properties as unknown as Names;
    const accountId = accountHeldBy(grant);
    if (isEntitled || !kickOnRevoke || !accountId || grant.attentionCode || residents.has(accountId)) continue;
    if (staying.some((key) => key.endsWith(` in ${guildId} of ${accountId}`))) continue;
    expect([...(realm.state.guilds.get(guildId)?.members.keys() ?? [])]).not.toContain(accountId);
  }
}
