import type { IncomingHttpHeaders } from 'node:http';

/** A call as an emulated provider sees it. */
export interface Call {
  method: string;
  /** Below the provider's base address, still encoded. */
  path: string;
  /** The method and the path as the published contract writes it: `GET /repos/{owner}/{repo}`. */
  route: string;
  params: Record<string, string>;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  /** JSON and forms as an object; undefined when nothing was sent. */
  body: unknown;
}

/** An object is sent as JSON, a text as it stands. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

/** One call with what became of it, for those who hold both against the contract. */
export interface Exchange extends Call {
  provider: string;
  answer: Answer;
  /** Whether the answer was ordered with `fail`, and is no behaviour of the provider's. */
  ordered: boolean;
}

/** Ends a call early with this answer. */
export const refusal = (answer: Answer): Error & { answer: Answer } =>
  Object.assign(new Error(`Refused with ${answer.status}`), { answer });

export const isRefusal = (error: unknown): error is { answer: Answer } =>
  error instanceof Error && 'answer' in error && typeof error.answer === 'object';

/** The fields of a JSON body or a form; none when there is no such body. */
export const fieldsOf = (call: Pick<Call, 'body'>): Record<string, unknown> =>
  typeof call.body === 'object' && call.body !== null ? (call.body as Record<string, unknown>) : {};

/** A field that is a text. */
export const textOf = (call: Pick<Call, 'body'>, name: string): string | undefined => {
  const value = fieldsOf(call)[name];
  return typeof value === 'string' ? value : undefined;
};
