import type { WorldClock } from './clock.ts';
import { type Answer, type Call, type Exchange, isRefusal } from './exchange.ts';
import { type Fault, openFaults } from './faults.ts';
import { openJournal } from './journal.ts';
import { openRoutes, type Routes } from './routes.ts';

export interface ProviderOptions {
  /** `off` refuses nothing for its number. */
  limits?: 'on' | 'off';
  /** Hears of every call that got as far as an answer, before the answer is sent; the answer waits for it. */
  onExchange?: (exchange: Exchange) => void | Promise<void>;
}

interface Parts<World> extends ProviderOptions {
  name: string;
  world: World;
  routes: Routes<World>;
  clock: WorldClock;
  /** The path as its routes are written. */
  pathOf(path: string): string;
  /** Counts a call: the headers that tell what is left, or a refusal. */
  admit(call: Call): Record<string, string>;
  missing(): Answer;
  /** Hears of every answer, those that were ordered included. */
  answered?(answer: Answer): void;
}

/** A call as it comes from the network. */
export type Incoming = Omit<Call, 'route' | 'params'>;

/** How an answer goes out. */
export type Delivery = 'whole' | 'half' | 'never';

/** What every emulated provider does with a call: faults, limits, the route, the journal. */
export function openProvider<World>(parts: Parts<World>) {
  const find = openRoutes(parts.routes);
  const faults = openFaults();
  const journal = openJournal();

  /** Null when the caller is to be left waiting. */
  async function take(incoming: Incoming): Promise<{ answer: Answer; delivery: Delivery } | null> {
    const path = parts.pathOf(incoming.path);
    const found = find(incoming.method, path);
    const call: Call = {
      ...incoming,
      path,
      route: found?.route ?? `${incoming.method} ${path}`,
      params: found?.params ?? {},
    };
    const query = call.query.size > 0 ? `?${call.query}` : '';
    const entry = { at: parts.clock.now(), route: call.route, path: `${path}${query}`, status: null as number | null };
    journal.add(entry);
    const fault = faults.take(call.route);
    if (fault === 'hangs') return null;
    if (fault === 'breaks off') return { answer: { status: 500 }, delivery: 'never' };
    const { headers, ...rest } = typeof fault === 'object' ? fault : answerTo(call, entry, found?.handle);
    const answer: Answer = { ...rest, headers: { date: entry.at.toUTCString(), ...headers } };
    entry.status = answer.status;
    parts.answered?.(answer);
    await parts.onExchange?.({ ...call, provider: parts.name, answer, ordered: typeof fault === 'object' });
    if (fault === 'does it and breaks off') return { answer, delivery: 'never' };
    return { answer, delivery: fault === 'cuts the answer' ? 'half' : 'whole' };
  }

  function answerTo(call: Call, entry: ReturnType<typeof journal.entries.at> & object, handle?: Routes<World>[string]) {
    try {
      let left: Record<string, string>;
      try {
        left = parts.admit(call);
      } catch (error) {
        journal.limit(entry);
        throw error;
      }
      const answer = act(call, handle);
      return { ...answer, headers: { ...left, ...answer.headers } };
    } catch (error) {
      if (isRefusal(error)) return error.answer;
      throw error;
    }
  }

  function act(call: Call, handle?: Routes<World>[string]): Answer {
    try {
      return handle ? handle(parts.world, call) : parts.missing();
    } catch (error) {
      if (isRefusal(error)) return error.answer;
      throw error;
    }
  }

  return {
    take,
    /** Every call that was received, whatever became of it. */
    calls: journal.entries,
    counts: journal.counts,
    forgetCalls: journal.clear,
    /** The next call goes wrong in this way; `route` names one as the contract writes it, `times` says how many. */
    fail: (fault: Fault, where?: { route?: string; times?: number }) => faults.order(fault, where),
    mend: faults.clear,
  };
}
