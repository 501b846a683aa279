import { timingSafeEqual } from 'node:crypto';
import type { Keyring } from '../../lib/keyring.ts';
import { HOUR_MS, SECOND_MS } from '../../lib/time.ts';

/** A download that was offered: this version, under this grant. */
export interface Offer {
  grantId: string;
  versionId: string;
}

/** Makes and reads links; in a process that answers nobody they have no host. */
export interface Links {
  sign(offer: Offer, now: Date): string;
  /** What a link offers; `expired` when its hour is over; null when it was not made here, or was changed. */
  read(pathname: string, now: Date): Offer | 'expired' | null;
}

export const DOWNLOADS_PATH = '/downloads/';
const LINK_SECONDS = HOUR_MS / SECOND_MS;
const LINK = /^\/downloads\/(grt_[0-9a-z]+)\/(fvr_[0-9a-z]+)\/(\d{1,12})\/([\w-]{43})$/;

export function openLinks({ keyring, url }: { keyring: Keyring; url: string }): Links {
  const text = ({ grantId, versionId }: Offer, expires: number) => `download ${grantId} ${versionId} ${expires}`;
  return {
    sign(offer, now) {
      const expires = Math.floor(now.getTime() / SECOND_MS) + LINK_SECONDS;
      const signature = Buffer.from(keyring.digest(text(offer, expires))).toString('base64url');
      return `${url}${DOWNLOADS_PATH}${offer.grantId}/${offer.versionId}/${expires}/${signature}`;
    },
    read(pathname, now) {
      const [, grantId, versionId, until, signature] = LINK.exec(pathname) ?? [];
      if (!grantId || !versionId || !until || !signature) return null;
      const offer = { grantId, versionId };
      const given = Buffer.from(signature, 'base64url');
      const genuine = keyring
        .digests(text(offer, Number(until)))
        .some((digest) => digest.length === given.length && timingSafeEqual(digest, given));
      if (!genuine) return null;
      return Number(until) * SECOND_MS > now.getTime() ? offer : 'expired';
    },
  };
}
