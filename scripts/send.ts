import { parseArgs } from 'node:util';

/**
 * `npm run -s send -- DOCUMENT` sends a document to a running Boon and prints the answer, with the token in TOKEN
 * unless `--anonymous`. `--pick a.b.0.c` prints one value of the data alone; `--url` names the Boon.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pick: { type: 'string' },
    url: { type: 'string', default: 'http://127.0.0.1:4000' },
    anonymous: { type: 'boolean', default: false },
  },
});
const authorization = values.anonymous ? {} : { authorization: `Bearer ${process.env.TOKEN}` };
const response = await fetch(new URL('/graphql', values.url), {
  method: 'POST',
  headers: { 'content-type': 'application/json', ...authorization },
  body: JSON.stringify({ query: positionals[0] }),
});
const answer = (await response.json()) as { data?: unknown; errors?: unknown };
const picked = values.pick
  ?.split('.')
  .reduce((value: unknown, key) => (value as Record<string, unknown> | null)?.[key], answer.data);
if (answer.errors || (values.pick && picked === undefined)) {
  console.error(JSON.stringify(answer, null, 2));
  process.exit(1);
}
console.log(values.pick ? picked : JSON.stringify(answer.data, null, 2));
