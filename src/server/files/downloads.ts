import type { IncomingMessage, ServerResponse } from 'node:http';
import { redeem } from '../../domain/files/downloads.ts';
import { openLinks } from '../../domain/files/links.ts';
import type { Services } from '../../graphql/context.ts';
import { html } from '../../lib/html.ts';

const WHY = {
  EXPIRED: [410, 'This link is older than an hour.', 'Get a new one where you found it.'],
  UNKNOWN: [404, 'This is no download of ours.', 'Get a new link where you found it.'],
  NOT_ENTITLED: [403, 'This download is no longer yours.', 'Your access to it has ended.'],
  WITHDRAWN: [410, 'This file is not offered any more.', 'Ask whoever sold it to you.'],
  REPLACED: [410, 'There is a newer version of this file.', 'Get a new link where you found it.'],
} as const;

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** Links that customers were given: judged at every click, they lead to the store for a minute. */
export function openDownloads({ database, storage, keyring, clock }: Services) {
  const links = openLinks({ keyring, url: '' });

  return async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
      return;
    }
    const now = clock();
    const offer = links.read(url.pathname, now);
    if (!offer || offer === 'expired') return refuse(response, offer ? 'EXPIRED' : 'UNKNOWN');
    const download = await redeem({ database, storage }, offer, { now, counted: isBeginning(request) });
    if (download.is === 'refused') return refuse(response, download.because);
    // The address of this page names the grant: the store must not learn it.
    const headers = { location: download.url, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' };
    response.writeHead(302, { ...headers, 'access-control-allow-origin': '*', 'content-length': 0 }).end();
  };
}

/** Whoever goes on after a break, or only looks, downloads nothing anew. */
const isBeginning = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' && (headers.range === undefined || /^bytes=0-/.test(headers.range));

function refuse(response: ServerResponse, because: keyof typeof WHY): void {
  const [status, title, advice] = WHY[because];
  const page = html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>body { font: 1rem/1.6 system-ui, sans-serif; max-width: 32rem; margin: 4rem auto; padding: 0 1rem }</style>
<h1>${title}</h1>
<p>${advice}</p>
</html>
`;
  response.writeHead(status, HEADERS).end(page.html);
}
