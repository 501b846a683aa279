import { isAssignable } from '../../providers/discord/server.ts';
import type { Discord } from '../../providers/discord.ts';
import type { Problem } from '../../providers/problem.ts';
import type { Finding, Sight } from '../kind.ts';
import { refused } from '../outcome.ts';
import { problemOf } from '../provider-problem.ts';
import type { Held, Item, RoleOrder } from './held.ts';

/** What an account has in a server: its roles, null when it is not there, or why it cannot be seen. */
type Seen = readonly string[] | null | Problem;

/**
 * Compares what was given with what the members have: one call for each account and server. Reading a thousand members
 * at once would take an intent that Discord has to approve.
 */
export async function look(orders: readonly RoleOrder<Held>[], { means, signal }: Sight): Promise<Finding<Held>[]> {
  const { discord } = means;
  if (!discord) return [];
  const findings: Finding<Held>[] = [];
  const givable = openGivable(discord, signal);
  for (const order of orders) {
    const { held } = order;
    const seen = await see(discord, held, signal);
    const failed = held.items.some(({ status }) => status === 'FAILED');
    const ours = failed ? await givable(held.guildId) : NOTHING;
    const items = held.items.map((item) => judge(item, seen, order.now, ours));
    if (items.every((item, index) => item === held.items[index])) continue;
    const found = { ...held, items };
    const isBroken = seen !== null && 'who' in seen;
    findings.push({
      grantId: order.grant.id,
      held: found,
      again: items.some(({ status }) => status === 'WAITING'),
      ...(isBroken && { problem: refused(seen, found) }),
    });
  }
  return findings;
}

async function see(discord: Discord, { guildId, account }: Held, signal: AbortSignal): Promise<Seen> {
  try {
    return await discord.servers.rolesOf(guildId, account.id, signal);
  } catch (error) {
    return problemOf(error);
  }
}

const NOTHING: ReadonlySet<string> = new Set();

/** The roles of a server that our bot may give, asked once however many wait for it: refused calls count against us. */
function openGivable(discord: Discord, signal: AbortSignal) {
  const known = new Map<string, Promise<ReadonlySet<string>>>();
  const ask = async (guildId: string): Promise<ReadonlySet<string>> => {
    try {
      const server = await discord.servers.find(guildId, signal);
      return new Set(server.roles.filter((role) => isAssignable(server, role)).map(({ id }) => id));
    } catch (error) {
      problemOf(error);
      return NOTHING;
    }
  };
  return (guildId: string): Promise<ReadonlySet<string>> => {
    const asked = known.get(guildId) ?? ask(guildId);
    known.set(guildId, asked);
    return asked;
  };
}

/** What has become of one role of a grant; the very same item when nothing has. */
export function judge(item: Item, seen: Seen, now: Date, givable: ReadonlySet<string>): Item {
  if (item.status === 'WAITING') return item;
  if (seen !== null && 'who' in seen) {
    const { who, code, message } = seen;
    return who === 'SYSTEM' || item.error?.code === code
      ? item
      : { ...item, status: 'FAILED', error: { code, message } };
  }
  // Whatever was in the way may be gone.
  if (item.status === 'FAILED')
    return givable.has(item.roleId) || seen?.includes(item.roleId) ? { ...item, status: 'WAITING', error: null } : item;
  if (seen?.includes(item.roleId)) return item;
  return { ...item, status: 'WAITING', repairedAt: now.toISOString() };
}
