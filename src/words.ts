import { styleText } from 'node:util';
import type { App } from './app.ts';
import { demoToken, findDemo } from './benefits/demo.ts';
import type { Config } from './config.ts';
import { isBrokenRule } from './lib/errors.ts';
import { StartError } from './lib/start-error.ts';
import { WrongSecretError } from './platform/installation.ts';

/** What the terminal says once everything is up. */
export async function welcome(config: Config, { url, services }: App): Promise<string> {
  const lines: [string, string][] = [];
  if (url) lines.push(['Try it', `${url}/graphiql`], ['API', `${url}/graphql`], ['Health', `${url}/health/ready`]);
  const demo = config.demo ? await findDemo(services.database) : null;
  if (demo && url) lines.push(['Mails', `${url}/mails`]);
  if (demo) lines.push(['Token', await demoToken(services.transaction, demo.id)]);
  if (!config.databaseUrl) lines.push(['Data', config.dataDir]);
  const width = Math.max(0, ...lines.map(([name]) => name.length));
  return [
    '',
    styleText('bold', url ? 'Boon is ready.' : 'Boon is at work.'),
    ...lines.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`),
    'Ctrl-C stops it.',
    '',
  ].join('\n');
}

/** What to do with emulated providers. */
export const playground = (url: string): string =>
  [
    styleText('bold', 'GitHub and Discord are emulated: nothing reaches the real ones.'),
    `  Sandbox  ${url}`,
    '  1. In GraphiQL, begin to link an account of Ada, who bought access to acme/private-repo:',
    '     mutation { startAccountLink(input: { provider: GITHUB, customer: { externalId: "user_1" } }) {',
    '       ... on StartAccountLinkPayload { url } ... on UserError { message } } }',
    '  2. Open the url it answers, and click a name.',
    '  3. Look at the sandbox: the invitation is there. Accept it as they would.',
    '  If she bought none, a start without --sandbox filled this data folder: choose another with DATA_DIR.',
    '',
  ].join('\n');

const NO_ACCESS = new Set(['EACCES', 'EPERM', 'EROFS']);

/** One line for what somebody can mend; for everything else what it takes to find it. */
export function explain(error: unknown): string {
  const { code, port, path, message, stack } = error as NodeJS.ErrnoException & { port?: number };
  if (error instanceof StartError || error instanceof WrongSecretError || isBrokenRule(error)) return message;
  if (code === 'EADDRINUSE') return `Port ${port} is taken; stop what uses it, or choose another with PORT.`;
  if (code === 'EACCES' && port) return `Port ${port} is for root only; choose one above 1023 with PORT.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `This machine does not have the address in HOST: ${message}`;
  if (code && NO_ACCESS.has(code) && path) return `This user may not use ${path}; choose another folder with DATA_DIR.`;
  return stack ?? String(error);
}
