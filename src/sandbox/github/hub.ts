import { DAY_MS, type WorldClock } from '../clock.ts';
import { refusal } from '../exchange.ts';
import type { Tokens } from '../tokens.ts';
import type { Account, Installation, Invitation, Repository, State } from './state.ts';

/** The emulated GitHub, as its routes use it. */
export interface Hub {
  state: State;
  clock: WorldClock;
  tokens: Tokens;
  /** Addresses of its API and its web site. */
  api: string;
  web: string;
}

const DOCS = 'https://docs.github.com/rest';
/** An invitation lapses after this; it stays in the list, marked as expired. */
export const INVITATION_MS = 7 * DAY_MS;

/** Ends the call as GitHub words it. */
export const deny = (status: number, message: string, more: object = {}, headers?: Record<string, string>) =>
  refusal({ status, headers, body: { message, ...more, documentation_url: DOCS, status: String(status) } });
export const notFound = () => deny(404, 'Not Found');
export const invalid = (message: string, errors: object[] = []) =>
  refusal({ status: 422, body: { message, errors, documentation_url: DOCS } });

export const nextId = (state: State): number => {
  state.lastId += 1;
  return state.lastId;
};

const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

export const accountOf = ({ accounts }: State, id: number): Account => {
  const account = accounts.get(id);
  if (!account) throw notFound();
  return account;
};

export const accountNamed = ({ accounts }: State, login: string): Account => {
  const account = accounts.values().find((entry) => same(entry.login, login));
  if (!account) throw notFound();
  return account;
};

export const personNamed = (state: State, login: string): Account => {
  const account = accountNamed(state, login);
  if (account.type !== 'User') throw notFound();
  return account;
};

export const repositoryNamed = (state: State, owner: string, name: string): Repository => {
  const { id } = accountNamed(state, owner);
  const repository = state.repositories.values().find((entry) => entry.ownerId === id && same(entry.name, name));
  if (!repository) throw notFound();
  return repository;
};

export const covers = (installation: Installation, repository: Repository): boolean =>
  installation.accountId === repository.ownerId &&
  (installation.repositoryIds === 'all' || installation.repositoryIds.has(repository.id));

export const isExpired = ({ clock }: Hub, { createdAt }: Invitation): boolean =>
  createdAt.getTime() + INVITATION_MS <= clock.now().getTime();

/** A time as GitHub writes it. */
export const stamp = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`;

/** A page of a list, with the Link header GitHub sends when there are more. */
export function paged<Item>({ api }: Hub, { path, query }: { path: string; query: URLSearchParams }, items: Item[]) {
  const whole = (name: string, fallback: number) => Math.max(1, Number.parseInt(query.get(name) ?? '', 10) || fallback);
  const [size, number] = [Math.min(100, whole('per_page', 30)), whole('page', 1)];
  const last = Math.max(1, Math.ceil(items.length / size));
  const link = (page: number, rel: string) => {
    const to = new URLSearchParams(query);
    to.set('page', String(page));
    return `<${api}${path}?${to}>; rel="${rel}"`;
  };
  const links = [
    ...(number > 1 ? [link(number - 1, 'prev'), link(1, 'first')] : []),
    ...(number < last ? [link(number + 1, 'next'), link(last, 'last')] : []),
  ];
  const headers: Record<string, string> = links.length > 0 ? { link: links.join(', ') } : {};
  return { items: items.slice((number - 1) * size, number * size), headers };
}
