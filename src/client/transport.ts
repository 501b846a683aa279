import { DOCUMENTS } from './documents.ts';

export interface Connection {
  /** Where Boon answers: `https://boon.example.com`. */
  url: string;
  /** An access token of the organization; license keys need none. */
  token?: string | undefined;
  /** How long an answer may take. Default 10 s. */
  timeoutMs?: number;
}

/** A mistake Boon has told, or no answer at all. */
export class BoonError extends Error {
  /** Names the rule, for programs: `LIMIT_REACHED`, `NOT_FOUND`, `RATE_LIMITED` …; `UNREACHABLE` when nothing answered. */
  readonly code: string;
  /** The input field at fault. */
  readonly path: readonly string[];
  /** In how many seconds to try again, where that is known. */
  readonly retryAfter: number | null;
  constructor(message: string, { code, path = [], retryAfter = null, cause }: Facts) {
    super(message, { cause });
    this.name = 'BoonError';
    this.code = code;
    this.path = path;
    this.retryAfter = retryAfter;
  }
}

interface Facts {
  code: string;
  path?: readonly string[];
  retryAfter?: number | null;
  cause?: unknown;
}

/** Whether there was no answer, as opposed to one that says no. */
export const isAway = (error: unknown): boolean =>
  error instanceof BoonError && ['UNREACHABLE', 'RATE_LIMITED', 'INTERNAL_SERVER_ERROR'].includes(error.code);

export type Operation = keyof typeof DOCUMENTS;

export interface Transport {
  /** The data of an operation. Throws a BoonError. */
  query<Data>(operation: Operation, variables: object): Promise<Data>;
  /** The payload of a mutation with one field; its typed mistakes are thrown as well. */
  change<Payload>(operation: Operation, input: object): Promise<Payload>;
}

const TIMEOUT_MS = 10_000;

interface Answer {
  data?: unknown;
  errors?: { message: string; extensions?: { code?: string; path?: string[]; retryAfter?: number } }[];
}

export function openTransport({ url, token, timeoutMs = TIMEOUT_MS }: Connection): Transport {
  const endpoint = new URL('/graphql', url);
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };

  const post = async (body: object): Promise<Answer> => {
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      const response = await fetch(endpoint, { method: 'POST', headers, body: JSON.stringify(body), signal });
      const answer = (await response.json()) as Answer | null;
      if (answer?.errors || answer?.data) return answer;
      throw new Error(`Something that is not Boon answered with ${response.status}.`);
    } catch (cause) {
      throw new BoonError(`Boon could not be reached at ${url}.`, { code: 'UNREACHABLE', cause });
    }
  };
  const query = async <Data>(operation: Operation, variables: object): Promise<Data> => {
    const { id, text } = DOCUMENTS[operation];
    let answer = await post({ documentId: id, variables });
    // An older or newer Boon knows other operations by heart, and these all the same.
    if (answer.errors?.[0]?.extensions?.code === 'PERSISTED_QUERY_NOT_FOUND')
      answer = await post({ query: text, variables });
    const [error] = answer.errors ?? [];
    if (!error) return answer.data as Data;
    const { code = 'BAD_USER_INPUT', path, retryAfter } = error.extensions ?? {};
    throw new BoonError(error.message, { code, ...(path && { path }), ...(retryAfter && { retryAfter }) });
  };

  return {
    query,
    async change<Payload>(operation: Operation, input: object) {
      const data = await query<Record<string, Mistake & Payload>>(operation, { input });
      const [told] = Object.values(data);
      if (told?.__typename?.endsWith('Payload')) return told;
      throw new BoonError(told?.message ?? 'Boon answered nothing.', { code: told?.code ?? 'UNREACHABLE', ...told });
    },
  };
}

interface Mistake {
  __typename?: string;
  code: string;
  message: string;
  path?: string[];
}
