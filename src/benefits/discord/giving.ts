import type { Allowance } from '../../domain/allowances.ts';
import type { Discord } from '../../providers/discord.ts';
import type { Problem } from '../../providers/problem.ts';
import type { Account, Hands } from '../kind.ts';
import { done, goneUntilCustomer, needsCustomer, needsMerchant, type Outcome, retryAfter } from '../outcome.ts';
import { noteProblem, problem, problemOf, worst } from '../provider-problem.ts';
import { type Held, type Item, memberKey, type RoleOrder, roleKey, untouched, withItem } from './held.ts';
import { takeBack } from './taking.ts';

export const NOT_CONFIGURED: Outcome<never> = needsMerchant(
  'NOT_CONFIGURED',
  'Discord is not configured: set DISCORD_BOT_TOKEN and what belongs to it; docs/discord.md walks through it.',
);
const NO_LONGER_ENTITLED = retryAfter(0, 'NO_LONGER_ENTITLED', 'Entitlement ended in the meantime.');

/** Takes the customer's account into the server and gives it every role; one that fails does not hold up the others. */
export async function give(order: RoleOrder<Held | null>, hands: Hands<Held>): Promise<Outcome<Held>> {
  const { discord } = hands.means;
  if (!discord) return NOT_CONFIGURED;
  const { account, properties } = order;
  let held = order.held;
  if (held) {
    const moves = held.account.id !== account?.accountId || held.guildId !== properties.guildId;
    const stale = held.items.filter(({ roleId }) => moves || !properties.roles.some((role) => role.roleId === roleId));
    if (held.guildId !== properties.guildId) await hands.waitOnlyFor([lineOf(properties.guildId)]);
    if (stale.length > 0 || (moves && held.member)) {
      const taken = await takeBack(discord, held, stale, hands, { leave: moves });
      held = taken.held;
      const stuck = worst(taken.problems, held);
      if (stuck) return stuck;
    }
    if (moves) held = { ...held, member: null, items: [] };
  }
  if (!account) {
    const [code, message] = ['CONNECT_DISCORD', 'Connect a Discord account to be let into the server.'] as const;
    return held ? goneUntilCustomer(code, message, held) : needsCustomer(code, message);
  }
  const current = {
    account: { id: account.accountId, username: account.username },
    guildId: properties.guildId,
    kick: properties.kickOnRevoke,
  };
  const so: Progress = { held: { member: null, welcomed: false, items: [], ...held, ...current } };
  try {
    return await giveAll(discord, { ...order, account }, so, hands);
  } catch (error) {
    const met = problemOf(error);
    await noteProblem(hands, 'DISCORD', properties.guildId, met);
    const failed = properties.roles
      .map(({ roleId }) => known(so.held, roleId))
      .filter(({ status }) => status !== 'ACTIVE');
    for (const item of failed)
      so.held = withItem(so.held, { ...item, status: 'FAILED', error: { code: met.code, message: met.message } });
    return worst([met], so.held) ?? done(so.held);
  }
}

/** What is held by now, as far as it was written down: also when it ends in an error, something may have been given. */
interface Progress {
  held: Held;
}

const known = (held: Held, roleId: string) => held.items.find((item) => item.roleId === roleId) ?? untouched(roleId);

async function giveAll(
  discord: Discord,
  order: RoleOrder<Held | null> & { account: Account },
  so: Progress,
  hands: Hands<Held>,
): Promise<Outcome<Held>> {
  const { properties, account } = order;
  const before = so.held;
  const { guildId } = properties;
  const missing = properties.roles
    .map(({ roleId }) => known(before, roleId))
    .filter(({ status }) => status !== 'ACTIVE');
  if (missing.length === 0 && before.member) return done(before);

  // Many may be waiting for the same limit: who must wait does not ask Discord about anything.
  const changes = changesOf(discord, guildId, missing.length);
  wait(hands, await hands.turn(changes));
  const roles = await discord.servers.rolesOf(guildId, account.accountId, hands.signal);
  const noted = await hands.together(async (at) => {
    const stood = new Map<string, Item['before']>();
    for (const { roleId, before } of inOrder(missing)) {
      const had = roles?.includes(roleId) ?? false;
      stood.set(roleId, before ?? (await at.stood(roleKey(guildId, roleId, account.accountId), { had })));
    }
    const place = memberKey(guildId, account.accountId);
    let held: Held = { ...before, member: before.member ?? (await at.stood(place, { had: roles !== null })) };
    for (const item of missing)
      held = withItem(held, { ...item, before: stood.get(item.roleId) ?? null, status: 'WAITING', error: null });
    return (await at.record(held)) ? { held, until: await at.allow(changes) } : null;
  });
  if (!noted) return NO_LONGER_ENTITLED;
  so.held = noted.held;
  wait(hands, noted.until);
  if (roles === null) await join(discord, guildId, account, hands);

  const problems: Problem[] = [];
  for (const item of missing) {
    const recorded = known(so.held, item.roleId);
    try {
      if (!roles?.includes(item.roleId))
        await discord.servers.giveRole(guildId, account.accountId, item.roleId, hands.signal);
      so.held = withItem(so.held, { ...recorded, status: 'ACTIVE' });
    } catch (error) {
      const met = problemOf(error);
      problems.push(met);
      await noteProblem(hands, 'DISCORD', guildId, met);
      so.held = withItem(so.held, { ...recorded, status: 'FAILED', error: { code: met.code, message: met.message } });
    }
  }
  if (problems.length === 0 && properties.welcome && !so.held.welcomed)
    so.held = await welcome(discord, order, so.held, hands);
  return worst(problems, so.held) ?? done(so.held);
}

const lineOf = (guildId: string): string => `changes of server ${guildId}`;

/** What so many new roles count against, once it is known how many a server takes. */
function changesOf(discord: Discord, guildId: string, count: number): Allowance[] {
  const pace = discord.paceOf(guildId);
  return pace ? Array.from({ length: count }, () => ({ name: lineOf(guildId), ...pace })) : [];
}

/** Throws when the next change must wait. */
function wait(hands: Hands<Held>, until: Date | null): void {
  if (!until) return;
  const seconds = Math.max(1, Math.ceil((until.getTime() - hands.now().getTime()) / 1000));
  throw problem(
    'SYSTEM',
    'RATE_LIMITED',
    `Discord takes so many changes in a server and no more; it is this one’s turn in ${seconds} seconds.`,
    seconds,
  );
}

/** Of the keys of roles, which all come before that of the server. */
const inOrder = (items: readonly Item[]): Item[] => [...items].sort((a, b) => (a.roleId < b.roleId ? -1 : 1));

/** Only their own leave takes somebody into a server. A token that was refused is renewed once. */
async function join(discord: Discord, guildId: string, account: Account, hands: Hands<Held>): Promise<void> {
  for (const renew of [false, true]) {
    const token = await hands.accessToken(account.id, discord.people.refresh, { renew });
    if (token === null) break;
    try {
      await discord.servers.join(guildId, account.accountId, token, hands.signal);
      return;
    } catch (error) {
      if (problemOf(error).code !== 'RECONNECT_DISCORD') throw error;
    }
  }
  throw problem('CUSTOMER', 'RECONNECT_DISCORD', 'Discord no longer takes the link to the account; connect it anew.');
}

/** Once, and never a reason to hold back what was promised: it is written down before it is said. */
async function welcome(
  discord: Discord,
  order: RoleOrder<Held | null>,
  before: Held,
  hands: Hands<Held>,
): Promise<Held> {
  const held = { ...before, welcomed: true };
  await hands.record(held);
  const { channelId = '', text = '' } = order.properties.welcome ?? {};
  const content = text.replaceAll('{{user}}', `<@${held.account.id}>`);
  try {
    await discord.servers.say(channelId, content, held.account.id, hands.signal);
  } catch (error) {
    const met = problemOf(error);
    await noteProblem(hands, 'DISCORD', held.guildId, { ...met, message: `The welcome was not said. ${met.message}` });
  }
  return held;
}
