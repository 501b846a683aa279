import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { hostRefusal, type Inside, type Lookup, lookUp, refusal } from './http-addresses.ts';
import { urlProblem } from './http-urls.ts';

/** The one way to call addresses that others have named. */
export interface Http extends AsyncDisposable {
  /** Sends a body and tells what came back. Never throws: what did not work is an answer too. */
  post(request: Post): Promise<Posted>;
  /** Why a URL may not be called, for whoever wrote it; null when nothing speaks against it. Asks DNS. */
  problem(url: string): Promise<string | null>;
}

export interface Post {
  url: string;
  headers: Record<string, string>;
  body: string;
  /** For all of it: looking up, connecting, sending, and the whole answer. */
  timeoutMs: number;
  signal?: AbortSignal;
}

export interface Posted {
  /** Null when there was no answer in time. */
  status: number | null;
  /** How the answer began, as text that a database keeps. */
  response: string | null;
  error: string | null;
  latencyMs: number;
}

export interface HttpOptions {
  inside: Inside;
  lookup?: Lookup;
}

const KEPT_BYTES = 2_048;
/** An answer up to this length is read to its end, so that the connection can be used again. */
const READ_BYTES = 65_536;
const ERROR_CHARACTERS = 500;
const IDLE_MS = 15_000;
const LOOKUP_TIMEOUT_MS = 2_000;

/** Refuses addresses inside one's own walls, checked where they are connected to; follows no redirects. */
export function openHttp({ inside, lookup = lookUp }: HttpOptions): Http {
  const agents = {
    'http:': new http.Agent({ keepAlive: true, timeout: IDLE_MS }),
    'https:': new https.Agent({ keepAlive: true, timeout: IDLE_MS }),
  };
  /** What a connection is made to is what was checked: nothing is looked up a second time in between. */
  const checked: LookupFunction = (host, { all }, callback) => {
    lookup(host).then(
      (found) => {
        const why = found.map(({ address }) => refusal(address, inside)).find((reason) => reason !== null);
        const [first] = found;
        if (why || !first) callback(new Error(why ?? `${host} has no address.`), []);
        else if (all) callback(null, found);
        else callback(null, first.address, first.family);
      },
      (error) => callback(error, []),
    );
  };

  const exchange = (url: URL, { headers, body }: Content, signal: AbortSignal, fresh = false): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const secure = url.protocol === 'https:';
      const agent = fresh ? false : agents[secure ? 'https:' : 'http:'];
      const sized = { ...headers, 'content-length': Buffer.byteLength(body) };
      const request = (secure ? https : http).request(url, { method: 'POST', agent, headers: sized, lookup: checked });
      // What Node itself makes of a signal costs as much as sending.
      const stop = () => request.destroy(new Error('It was broken off.'));
      if (signal.aborted) stop();
      signal.addEventListener('abort', stop);
      let heard = false;
      request.once('response', (response) => {
        heard = true;
        read(response, signal).then(resolve, reject);
      });
      request.once('upgrade', (_, socket) => {
        socket.destroy();
        reject(new Error('It answered in another protocol.'));
      });
      request.once('close', () => {
        signal.removeEventListener('abort', stop);
        if (!heard) reject(new Error('The connection was closed.'));
      });
      request.once('error', (error: NodeJS.ErrnoException) => {
        heard = true;
        // The other side hung up on a connection that had been idle just when it was used again.
        const stale = request.reusedSocket && error.code === 'ECONNRESET' && !signal.aborted;
        if (stale) exchange(url, { headers, body }, signal, true).then(resolve, reject);
        else reject(error);
      });
      request.end(body);
    });

  return {
    async post(request) {
      const begun = performance.now();
      const ending = new AbortController();
      const { signal } = ending;
      let isLate = false;
      const timeout = setTimeout(() => {
        isLate = true;
        ending.abort();
      }, request.timeoutMs);
      const end = () => ending.abort();
      request.signal?.addEventListener('abort', end);
      if (request.signal?.aborted) end();
      const done = (answer: Omit<Posted, 'latencyMs'>) => ({
        ...answer,
        latencyMs: Math.round(performance.now() - begun),
      });
      try {
        const why = urlProblem(request.url) ?? hostRefusal(new URL(request.url).hostname, inside);
        if (why) throw new Error(why);
        return done({ ...(await exchange(new URL(request.url), request, signal)), error: null });
      } catch (error) {
        const seconds = request.timeoutMs / 1_000;
        const told = isLate ? `There was no whole answer within ${seconds} seconds.` : explain(error);
        return done({ status: null, response: null, error: storable(told).slice(0, ERROR_CHARACTERS) });
      } finally {
        clearTimeout(timeout);
        request.signal?.removeEventListener('abort', end);
      }
    },
    async problem(url) {
      const wrong = urlProblem(url);
      if (wrong) return wrong;
      const { hostname } = new URL(url);
      const refused = hostRefusal(hostname, inside);
      if (refused) return refused;
      const late = new Promise<never[]>((resolve) => setTimeout(resolve, LOOKUP_TIMEOUT_MS, []).unref());
      // A name that nobody knows yet may be known by the time something is sent there.
      const found = await Promise.race([lookup(hostname.replace(/^\[|\]$/g, '')), late]).catch(() => []);
      return found.map(({ address }) => refusal(address, inside)).find((reason) => reason !== null) ?? null;
    },
    async [Symbol.asyncDispose]() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

type Content = Pick<Post, 'headers' | 'body'>;

interface Answer {
  status: number;
  response: string;
}

/** The status and the beginning of the body. What is longer than anybody needs is cut off. */
async function read(response: IncomingMessage, signal: AbortSignal): Promise<Answer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response) {
      if (bytes < KEPT_BYTES) chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > READ_BYTES) break;
    }
  } catch (error) {
    // Who has answered with a status has answered, however the rest broke off; but not who took too long over it.
    if (signal.aborted) throw error;
  }
  const kept = Buffer.concat(chunks).subarray(0, KEPT_BYTES);
  return { status: response.statusCode ?? 0, response: storable(new TextDecoder().decode(kept, { stream: true })) };
}

/** PostgreSQL keeps no NUL and no half of a surrogate pair. */
const storable = (text: string): string => text.replaceAll('\0', '\uFFFD').toWellFormed();

/** Where several addresses were tried, the first says what is wrong. */
function explain(error: unknown): string {
  const { message, code, errors, hostname } = error as NodeJS.ErrnoException & {
    errors?: unknown[];
    hostname?: string;
  };
  if (errors?.[0]) return explain(errors[0]);
  if (code === 'ENOTFOUND') return `Nobody knows the host ${hostname ?? ''}.`.replace(' .', '.');
  return message || code || 'The call failed.';
}
