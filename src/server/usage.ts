import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import * as imports from '../domain/usage/imports.ts';
import type { Services } from '../graphql/context.ts';
import { allows } from '../graphql/viewer.ts';
import { type BrokenRule, isBrokenRule } from '../lib/errors.ts';
import { splitLines } from '../lib/split-lines.ts';
import { SECOND_MS } from '../lib/time.ts';
import { gather } from './lines.ts';
import { requestIdOf } from './peer.ts';
import { bearerToken, type Doorkeeper } from './viewer.ts';

/** Where files of usage are sent: they take as long as they take. */
export const USAGE_PATH = '/usage.ndjson';

const LINE_BYTES = 64 * 1024;
/** Who sends nothing for so long is gone. */
const IDLE_MS = 60 * SECOND_MS;
const LEAVE_MS = 5 * SECOND_MS;
const HEADERS = { 'content-type': 'application/x-ndjson; charset=utf-8', 'cache-control': 'no-store' };

export interface UsageOptions {
  services: Services;
  doorkeeper: Doorkeeper;
  draining: AbortSignal;
}

/**
 * A file of usage, a JSON object a line, of any size. It is read no faster than it is recorded, and answered while it
 * is read: a line for each mistake, one for each step, and one at the end.
 */
export function openUsage({ services, doorkeeper, draining }: UsageOptions) {
  const { transaction, log } = services;

  async function* answer(request: IncomingMessage, of: Import, requestId: string): AsyncGenerator<string> {
    let progress = imports.NOTHING;
    try {
      progress = await transaction((tx) => imports.resume(tx, of));
      if (progress.lines > 0) yield line({ ...progress, resumed: true });
      let read = progress.lines;
      for await (const lines of gather(splitLines(request, LINE_BYTES), read)) {
        const taken = await transaction((tx) => imports.take(tx, of, progress, { after: read, lines }));
        read += lines.length;
        progress = taken.progress;
        yield taken.refused.map(({ line: number, error }) => line({ line: number, ...told(error) })).join('') +
          line(progress);
        if (draining.aborted) return yield line({ ...progress, done: false, ...STOPPING });
      }
      await transaction((tx) => imports.finish(tx, of));
      yield line({ ...progress, done: true });
    } catch (error) {
      if (request.destroyed && !request.complete) throw error;
      if (!isBrokenRule(error)) log.error('A file of usage failed.', { requestId, error });
      const what = isBrokenRule(error) ? told(error) : failure(requestId);
      yield line({ ...progress, done: false, ...what });
    }
  }

  return async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const requestId = requestIdOf(request);
    const { socket } = request;
    const giveUp = () => void request.destroy();
    response.setHeader('x-request-id', requestId);
    try {
      if (request.method !== 'POST') return refuse(response, 405, 'BAD_USER_INPUT', 'Send the file with POST.');
      const viewer = await doorkeeper.identify(bearerToken(request.headers.authorization));
      if (viewer.is === 'refused' || viewer.is === 'anonymous')
        return refuse(response, 401, 'UNAUTHENTICATED', 'Sign in with a token: authorization: Bearer …');
      if (!allows(viewer, 'usage:write'))
        return refuse(response, 403, 'FORBIDDEN', 'It takes a token with the scope usage:write.');
      socket.setTimeout(IDLE_MS).once('timeout', giveUp);
      response.writeHead(200, HEADERS).flushHeaders();
      const of = { organizationId: viewer.organizationId, batch: url.searchParams.get('batch') };
      await pipeline(answer(request, of, requestId), response);
      if (!request.complete) leave(request);
    } catch (error) {
      if (!request.destroyed) log.warn('A file of usage broke off.', { requestId, error });
      response.destroy();
    } finally {
      socket.setTimeout(0).off('timeout', giveUp);
    }
  };
}

type Import = Parameters<typeof imports.resume>[1];

const STOPPING = { code: 'STOPPING', message: 'This server is about to stop. Send the batch again to go on.' };

const line = (value: object): string => `${JSON.stringify(value)}\n`;

const told = ({ code, message, path }: BrokenRule) => ({ code, message, path });

const failure = (requestId: string) => ({
  code: 'INTERNAL_SERVER_ERROR',
  message: `Something failed on our side. It is logged as ${requestId}.`,
});

/** The rest of the file is heard, so that its sender gets to read why, and then no more. */
function leave(request: IncomingMessage): void {
  request.resume();
  request.socket.end();
  setTimeout(() => request.destroy(), LEAVE_MS).unref();
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { ...HEADERS, connection: 'close' }).end(line({ code, message }));
}
