import { readFile } from 'node:fs/promises';

const AsyncFunction = (async () => {}).constructor as new (
  ...args: string[]
) => (...values: unknown[]) => Promise<never>;

/** The code under each heading of a file beside this one. */
export async function openBlocks(file: string) {
  const text = await readFile(new URL(file, import.meta.url), 'utf8');
  const blocks = new Map(
    [...text.matchAll(/^## (.+)\n```js\n([\s\S]*?)^```/gm)].map(([, title = '', code = '']) => [title, code]),
  );
  const unused = new Set(blocks.keys());

  return {
    /** Those that have not been run. */
    unused,
    /**
     * Runs a block with these names; words stand for placeholders. Answers what it declares, or what `answer` says, or
     * the object that it is.
     */
    run<Told>(title: string, names: object, words: Record<string, string> = {}, answer?: string): Promise<Told> {
      let code = blocks.get(title);
      if (!code) throw new Error(`There is no block ${title}.`);
      unused.delete(title);
      for (const [placeholder, word] of Object.entries(words)) code = code.replaceAll(placeholder, word);
      if (code.startsWith('{')) code = `const it = ${code}`;
      const declared = answer ?? /^const (\w+)/m.exec(code)?.[1] ?? 'undefined';
      return new AsyncFunction(...Object.keys(names), `${code}\nreturn ${declared};`)(...Object.values(names));
    },
  };
}
