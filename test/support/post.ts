/** What came back over HTTP. */
export interface Reply {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a body is whatever was asked for
  body: any;
}

export interface Letter {
  query?: string | undefined;
  token?: string;
  [field: string]: unknown;
}

/** Sends an operation as most clients do. */
export async function post(
  url: string,
  { token, ...asked }: Letter,
  headers: Record<string, string> = {},
): Promise<Reply> {
  return send(url, {
    body: JSON.stringify(asked),
    headers: { ...(token && { authorization: `Bearer ${token}` }), ...headers },
  });
}

/** Sends anything at all. */
export async function send(url: string, init: RequestInit = {}, path = '/graphql'): Promise<Reply> {
  const method = init.body === undefined ? 'GET' : 'POST';
  const headers = { ...(init.body !== undefined && { 'content-type': 'application/json' }), ...init.headers };
  const response = await fetch(`${url}${path}`, { method, redirect: 'manual', ...init, headers });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json');
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}
