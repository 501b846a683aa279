import type { WorldClock } from './clock.ts';
import type { Discord } from './discord/discord.ts';
import { type Answer, fieldsOf } from './exchange.ts';
import { FAULTS, type Fault } from './faults.ts';
import type { Github } from './github/github.ts';
import { clicks } from './page/clicks.ts';
import { overview } from './page/overview.ts';
import type { Host } from './server.ts';

export interface World {
  github: Github;
  discord: Discord;
  clock: WorldClock;
}

/** The page that shows the state, its buttons, and what a program orders: failures and time. */
export function openControl(world: World): Host {
  const answers: Record<string, (fields: Record<string, unknown>) => Answer> = {
    'GET /': () => ({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: overview(world) }),
    'POST /sandbox/click': (fields) => {
      clicks(world, fields as Record<string, string>);
      return { status: 303, headers: { location: '/' } };
    },
    'POST /sandbox/faults': ({ provider, route, times, fault }) => {
      providerNamed(world, provider).fail(faultOf(fault), {
        ...(typeof route === 'string' && { route }),
        ...(typeof times === 'number' && { times }),
      });
      return { status: 204 };
    },
    'POST /sandbox/clock': ({ advance }) => {
      world.clock.advance(Number(advance) || 0);
      return { status: 200, body: { now: world.clock.now() } };
    },
    'GET /sandbox/calls': () => ({ status: 200, body: { github: world.github.calls, discord: world.discord.calls } }),
    'GET /sandbox/counts': () => ({
      status: 200,
      body: { github: world.github.counts(), discord: world.discord.counts() },
    }),
  };
  return {
    take: async ({ method, path, body }) => {
      const answer = answers[`${method} ${path}`]?.(fieldsOf({ body })) ?? { status: 404, body: 'Not found' };
      return { answer, delivery: 'whole' };
    },
  };
}

const providerNamed = ({ github, discord }: World, name: unknown) => (name === 'discord' ? discord : github);

/** A status alone is an answer too. */
function faultOf(fault: unknown): Fault {
  if (typeof fault === 'number') return { status: fault };
  if (typeof fault === 'object' && fault !== null && 'status' in fault) return fault as Fault;
  return FAULTS.find((name) => name === fault) ?? { status: 500 };
}
