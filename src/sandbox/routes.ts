import type { Answer, Call } from './exchange.ts';

/** What a provider answers to, by `METHOD /path/{parameter}`; of two that fit, the first one written answers. */
export type Routes<World> = Record<string, (world: World, call: Call) => Answer>;

/** Finds the route of a call. */
export function openRoutes<World>(routes: Routes<World>) {
  const compiled = Object.entries(routes).map(([route, handle]) => {
    const [method = '', template = ''] = route.split(' ');
    const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
    return { route, method, handle, names, pattern: new RegExp(`^${template.replace(/\{\w+\}/g, '([^/]+)')}$`) };
  });
  return (method: string, path: string) => {
    for (const { pattern, names, ...found } of compiled) {
      const match = found.method === method ? pattern.exec(path) : null;
      if (!match) continue;
      const values = match.slice(1).map(decode);
      if (values.includes(undefined)) return undefined;
      return { ...found, params: Object.fromEntries(names.map((name, index) => [name, values[index] ?? ''])) };
    }
    return undefined;
  };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
