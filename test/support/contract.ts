import { expect } from 'vitest';
import type { Exchange } from '../../src/sandbox/exchange.ts';
import { checkDiscord } from './contract-discord.ts';
import { checkGithub } from './contract-github.ts';

/**
 * Listens to a sandbox, `openSandbox({ onExchange: contract.hear })`, and collects what is not as the providers publish
 * their APIs, in what was sent as in what was answered.
 */
export function openContract() {
  const breaches: string[] = [];
  return {
    breaches,
    /** Nothing was sent or answered that the providers do not publish. */
    expectKept: (): void => expect(breaches).toEqual([]),
    hear: (exchange: Exchange): void => void breaches.push(...checkExchange(exchange)),
  };
}

const checkExchange = (exchange: Exchange): string[] =>
  exchange.provider === 'github' ? checkGithub(exchange) : checkDiscord(exchange);
