import { lookup as lookUpHere, Resolver } from 'node:dns/promises';
import ipaddr from 'ipaddr.js';

/** Which addresses inside one's own walls may be called: none, those of this machine, or private networks as well. */
export type Inside = 'none' | 'loopback' | 'private';

/** The addresses of a host. */
export type Lookup = (host: string) => Promise<Address[]>;

export interface Address {
  address: string;
  family: 4 | 6;
}

const GLOBAL_UNICAST: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3];
const NAT64_PREFIX_BYTES = 12;
const DNS_TIMEOUT_MS = 2_000;
const DNS_TRIES = 2;
/** Most names have other letters, and to find that they are no address costs as much as half a call. */
const MAY_BE_ADDRESS = /:|^[\da-fx.]+$/i;
const LOCALHOST = /^(.*\.)?localhost\.?$/;

/** Why an address may not be called; null when it may. Knows every spelling that an IP address has. */
export function refusal(address: string, inside: Inside): string | null {
  const range = rangeOf(ipaddr.process(address));
  if (range === 'unicast') return null;
  if (range === 'loopback' && inside !== 'none') return null;
  if (PRIVATE.has(range) && inside === 'private') return null;
  return `${address} is not an address of the public internet (${range}).`;
}

/** Why a host as it stands in a URL may not be called, as far as its spelling tells. */
export function hostRefusal(host: string, inside: Inside): string | null {
  const literal = literalOf(host);
  if (literal) return refusal(literal, inside);
  return LOCALHOST.test(host) && inside === 'none' ? `${host} is this machine.` : null;
}

/** The address that a host is spelled as; null for a name. */
export function literalOf(host: string): string | null {
  const bare = host.replace(/^\[|\]$/g, '');
  return MAY_BE_ADDRESS.test(bare) && ipaddr.isValid(bare) ? bare : null;
}

/**
 * Asks DNS by itself. The system's own way runs on four threads that everything in a process shares, and a name that
 * nobody answers for holds one of them for many seconds; it is only asked for what DNS does not know.
 */
export const lookUp: Lookup = async (host) => {
  if (LOCALHOST.test(host)) return LOOPBACK;
  const resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: DNS_TRIES });
  const [v4, v6] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  const found = [...addresses(v4, 4), ...addresses(v6, 6)];
  if (found.length > 0) return found;
  for (const { status, reason } of [v4, v6] as PromiseRejectedResult[]) {
    if (status === 'rejected' && reason.code === 'ETIMEOUT') throw reason;
  }
  return (await lookUpHere(host, { all: true })) as Address[];
};

const PRIVATE = new Set(['private', 'uniqueLocal', 'carrierGradeNat']);

const LOOPBACK: Address[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

function rangeOf(address: ipaddr.IPv4 | ipaddr.IPv6): string {
  const range = address.range();
  if (address instanceof ipaddr.IPv4) return range;
  // Behind NAT64 it is the IPv4 address inside that is reached.
  if (range === 'rfc6052') return ipaddr.fromByteArray(address.toByteArray().slice(NAT64_PREFIX_BYTES)).range();
  return range === 'unicast' && !address.match(GLOBAL_UNICAST) ? 'reserved' : range;
}

const addresses = (answer: PromiseSettledResult<string[]>, family: 4 | 6): Address[] =>
  answer.status === 'fulfilled' ? answer.value.map((address) => ({ address, family })) : [];
