import { execFile } from 'node:child_process';
import { parseArgs, promisify } from 'node:util';
import { connect } from './demo/api.ts';
import { openColumns } from './demo/columns.ts';
import { tell } from './demo/story.ts';

/**
 * `npm run demo`: the story of a merchant and a customer on a running Boon. `-- --url URL --token TOKEN` tells it
 * elsewhere than on this machine's own.
 */
const { url, token } = parseArgs({
  options: { url: { type: 'string', default: 'http://127.0.0.1:4000' }, token: { type: 'string' } },
}).values;
const columns = openColumns((line) => console.log(line));
try {
  await tell(await connect(url, token ?? (await newToken())), columns);
  columns.end('All as promised.', true);
  process.exit(0);
} catch (error) {
  columns.end(explain(error), false);
  process.exit(1);
}

/** A token of the demo organization, made the way a person would. */
async function newToken(): Promise<string> {
  const { stdout } = await promisify(execFile)('npm', ['run', '-s', 'token']);
  return stdout.trim();
}

function explain(error: unknown): string {
  const { message, cause } = error as Error & { cause?: { code?: string } };
  const absent = cause?.code === 'ECONNREFUSED';
  return absent ? `No Boon answers at ${url}. Start one with npm start, or name it with --url.` : message;
}
