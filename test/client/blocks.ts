import { readFile } from 'node:fs/promises';

const text = await readFile(new URL('blocks.md', import.meta.url), 'utf8');

/** The code under each heading. */
export const blocks = new Map(
  [...text.matchAll(/^## (.+)\n```js\n([\s\S]*?)^```/gm)].map(([, title = '', code = '']) => [title, code]),
);

const AsyncFunction = (async () => {}).constructor as new (
  ...args: string[]
) => (...values: unknown[]) => Promise<never>;

/** Runs a block with these names; words stand for placeholders. Answers what it declares, or what `answer` says. */
export function runBlock(title: string, names: object, words: Record<string, string> = {}, answer?: string) {
  let code = blocks.get(title);
  if (!code) throw new Error(`There is no block ${title}.`);
  for (const [placeholder, word] of Object.entries(words)) code = code.replaceAll(placeholder, word);
  const declared = answer ?? /^const (\w+)/m.exec(code)?.[1] ?? 'undefined';
  return new AsyncFunction(...Object.keys(names), `${code}\nreturn ${declared};`)(...Object.values(names));
}
