import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIPv4 } from 'node:net';

const LOCAL_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);
/** A proxy that speaks for somebody else leaves one of these. */
const PROXY_HEADER =
  /^(forwarded|via|x-real-ip|x-forwarded-.*|x-original-.*|x-client-ip|x-cluster-client-ip|true-client-ip|cf-.*|fastly-.*|fly-.*)$/;
const REQUEST_ID = /^[\w.-]{8,64}$/;

/**
 * Whether somebody sits at this machine: the connection comes from it, the browser thinks it talks to it (a foreign
 * page cannot make it think so by renaming it), and no proxy stands between.
 */
export function isAtThisMachine({ socket, headers, httpVersion }: IncomingMessage): boolean {
  const { remoteAddress = '' } = socket;
  const local = remoteAddress === '127.0.0.1' || remoteAddress === '::1' || remoteAddress === '::ffff:127.0.0.1';
  const named = LOCAL_NAMES.has((headers.host ?? '').replace(/:\d+$/, '').toLowerCase());
  // A proxy that leaves no header and calls us by our own name gives itself away by speaking HTTP/1.0, as nginx does.
  const direct = httpVersion !== '1.0' && !Object.keys(headers).some((name) => PROXY_HEADER.test(name));
  return local && named && direct;
}

/** The caller's address. What a proxy says about it counts only as far as the proxies are our own. */
export function addressOf({ socket, headers }: IncomingMessage, trustedProxies: number): string {
  const address = (trustedProxies > 0 && saidBy(headers, trustedProxies)) || (socket.remoteAddress ?? '');
  const mapped = address.replace(/^::ffff:/i, '');
  return isIPv4(mapped) ? mapped : address;
}

function saidBy({ 'x-forwarded-for': forwarded }: IncomingMessage['headers'], trustedProxies: number) {
  const said = String(forwarded ?? '')
    .split(',')
    .map((address) => address.trim())
    .filter(Boolean);
  return said.at(-Math.min(trustedProxies, said.length));
}

/** The id of a request in its answer and in the log: the caller's own, if it is a plain one. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'] as string | undefined;
  return given !== undefined && REQUEST_ID.test(given)
    ? given
    : `${PROCESS}${(++requests).toString(16).padStart(8, '0')}`;
}

/** Of this process alone, however many there are; a counter for each request costs less than chance. */
const PROCESS = `req_${randomBytes(12).toString('hex')}`;
let requests = 0;
