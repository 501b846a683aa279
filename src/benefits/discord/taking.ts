import type { Discord } from '../../providers/discord.ts';
import type { Problem } from '../../providers/problem.ts';
import type { Hands } from '../kind.ts';
import { noteProblem, problemOf, release } from '../provider-problem.ts';
import { type Held, type Item, memberKey, roleKey, withItem, withoutItem } from './held.ts';

/** Takes back what was recorded of these roles, and the place in the server where that is asked and nobody else holds it. */
export async function takeBack(
  discord: Discord,
  before: Held,
  items: readonly Item[],
  hands: Hands<Held>,
  { leave }: { leave: boolean },
): Promise<{ held: Held; problems: Problem[] }> {
  const problems: Problem[] = [];
  let held = before;
  for (const item of items) {
    try {
      await takeOne(discord, before, item, hands);
      held = withoutItem(held, item);
    } catch (error) {
      const met = problemOf(error);
      problems.push(met);
      await noteProblem(hands, 'DISCORD', held.guildId, met);
      held = withItem(held, { ...item, status: 'FAILED', error: { code: met.code, message: met.message } });
    }
    await hands.record(held);
  }
  if (leave && problems.length === 0 && held.member) {
    try {
      await leaveServer(discord, held, hands);
      held = { ...held, member: null };
      await hands.record(held);
    } catch (error) {
      const met = problemOf(error);
      problems.push(met);
      await noteProblem(hands, 'DISCORD', held.guildId, met);
    }
  }
  return { held, problems };
}

async function takeOne(discord: Discord, { guildId, account }: Held, item: Item, hands: Hands<Held>): Promise<void> {
  if (item.before === null) return;
  const key = roleKey(guildId, item.roleId, account.id);
  if ((await release(hands, key)) === 'shared') return;
  if (!item.before.had) await discord.servers.takeRole(guildId, account.id, item.roleId, hands.signal);
  await hands.removed(key);
}

async function leaveServer(
  discord: Discord,
  { guildId, account, member, kick }: Held,
  hands: Hands<Held>,
): Promise<void> {
  const key = memberKey(guildId, account.id);
  if ((await release(hands, key)) === 'shared') return;
  if (kick && member && !member.had) await discord.servers.kick(guildId, account.id, hands.signal);
  await hands.removed(key);
}
