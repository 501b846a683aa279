import { timingSafeEqual } from 'node:crypto';
import type { Keyring } from '../../lib/keyring.ts';
import { SECOND_MS } from '../../lib/time.ts';

/** What the bearer of a signed URL may do. */
export type Ticket =
  | { to: 'put'; key: string; uploadId: string; number: number }
  | { to: 'get'; key: string; name: string; type: string };

export const STORAGE_PATH = '/storage/';

/** Signed, expiring URLs: whatever they say is under the signature. */
export function openTickets({ keyring, clock }: { keyring: Keyring; clock: () => Date }) {
  const text = ({ pathname, searchParams }: URL): string => {
    const said = [...searchParams].filter(([name]) => name !== 'signature').sort();
    return `ticket ${pathname} ${new URLSearchParams(said)}`;
  };
  return {
    sign(ticket: Ticket, seconds: number): string {
      const { key, ...facts } = ticket;
      const url = new URL(`${STORAGE_PATH}${key}`, BASE);
      for (const [name, value] of Object.entries(facts)) url.searchParams.set(name, String(value));
      url.searchParams.set('expires', String(Math.floor(clock().getTime() / SECOND_MS) + seconds));
      url.searchParams.set('signature', Buffer.from(keyring.digest(text(url))).toString('base64url'));
      return url.pathname + url.search;
    },
    read(method: string, url: URL): Ticket | null {
      const { searchParams } = url;
      const fact = (name: string) => searchParams.get(name) ?? '';
      const given = Buffer.from(fact('signature'), 'base64url');
      const genuine = keyring
        .digests(text(url))
        .some((digest) => digest.length === given.length && timingSafeEqual(digest, given));
      if (!genuine || Number(fact('expires')) * SECOND_MS <= clock().getTime()) return null;
      const key = url.pathname.slice(STORAGE_PATH.length);
      if (fact('to') === 'put' && method === 'PUT')
        return { to: 'put', key, uploadId: fact('uploadId'), number: Number(fact('number')) };
      if (fact('to') === 'get' && (method === 'GET' || method === 'HEAD'))
        return { to: 'get', key, name: fact('name'), type: fact('type') };
      return null;
    },
  };
}

const BASE = 'http://localhost';
