import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findDemo } from './benefits/demo.ts';
import { type Config, readArguments, readConfig, readProviders, readSecrets, wantsSandbox } from './config.ts';
import * as accessTokens from './domain/access-tokens.ts';
import * as organizations from './domain/organizations.ts';
import { StartError } from './lib/start-error.ts';
import { keptSecret } from './platform/kept-secret.ts';
import { openScript } from './script.ts';
import { explain, playground, welcome } from './words.ts';

const COMMANDS: Record<string, (args: string[]) => Promise<void>> = { start, token, organization };
/** Less than those who stop a process usually wait before they kill it. */
const DRAIN_MS = 9_000;
/** A terminal and npm both pass on one Ctrl-C; only what comes later is a second one. */
const SAME_SIGNAL_MS = 500;
const NO_ORGANIZATION = 'There is no organization yet; npm start makes one to try things with.';

try {
  const given = process.argv.slice(2);
  const [name = '', ...args] = given[0]?.startsWith('-') === false ? given : ['start', ...given];
  const command = COMMANDS[name];
  if (!command) throw new StartError(`There is no command ${name}, only ${Object.keys(COMMANDS).join(', ')}.`);
  await command(args);
} catch (error) {
  console.error(explain(error));
  process.exit(1);
}

/** Runs until it is told to stop, then lets what has begun come to its end. */
async function start(args: string[]): Promise<void> {
  const stop = untilStopped();
  const config = readConfig(process.env, args);
  const secrets = await secretsFor(config);
  const sandbox = wantsSandbox(args) ? await (await import('./sandbox/demo.ts')).openDemo() : null;
  const providers = { ...readProviders({ ...process.env, ...sandbox?.environment }), emulated: sandbox !== null };
  // Commands need not wait for what only serving takes.
  const { openApp } = await import('./app.ts');
  const app = await openApp({ config, secrets, providers });
  // One request that ends badly must not take all the others with it.
  process.on('unhandledRejection', (error) =>
    app.services.log.error('Something failed that nobody waited for.', { error }),
  );
  console.log(await welcome(config, app));
  if (sandbox) console.log(playground(sandbox.url));
  await stop;
  console.log('Stopping.');
  setTimeout(() => process.exit(), DRAIN_MS).unref();
  await app[Symbol.asyncDispose]();
  await sandbox?.[Symbol.asyncDispose]();
  process.exit();
}

/** Prints a new access token of the demo organization, or of another one, and nothing else. */
async function token(args: string[]): Promise<void> {
  const flags = readArguments(args, { organization: { type: 'string' }, scopes: { type: 'string' } });
  const config = readConfig(process.env);
  await using script = await openScript(config, await secretsFor(config));
  const organization = flags.organization
    ? await script.database.prisma.organization.findUnique({ where: { id: flags.organization } })
    : await findDemo(script.database);
  if (!organization) throw new StartError(flags.organization ? 'There is no such organization.' : NO_ORGANIZATION);
  const scopes = flags.scopes?.split(',').map((scope) => scope.trim());
  const { token } = await script.transaction((tx) =>
    accessTokens.create(tx, { organizationId: organization.id, name: 'npm run token', scopes }),
  );
  console.log(token);
}

/** Makes an organization and prints its id. */
async function organization(args: string[]): Promise<void> {
  const { name } = readArguments(args, { name: { type: 'string' } });
  if (!name) throw new StartError('Which name? npm run -s organization -- --name NAME');
  const config = readConfig(process.env);
  await using script = await openScript(config, await secretsFor(config));
  const { id } = await script.transaction((tx) => organizations.create(tx, { name }));
  console.log(id);
}

/** A secret of the embedded database's own lies beside it; that of a database elsewhere must be given. */
async function secretsFor(config: Config): Promise<string[]> {
  const given = readSecrets(process.env);
  if (given) return given;
  if (config.databaseUrl)
    throw new StartError('DATABASE_URL needs BOON_SECRET beside it; openssl rand -hex 32 makes one.');
  await mkdir(config.dataDir, { recursive: true });
  return [await keptSecret(join(config.dataDir, 'secret'))];
}

/** Resolves at the first signal; the second one ends the process as it stands. */
function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    let first: number | undefined;
    const onSignal = () => {
      first ??= Date.now();
      if (Date.now() - first > SAME_SIGNAL_MS) process.exit(1);
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, onSignal);
    // A terminal that is gone is no reason to stop in the middle.
    process.stdout.on('error', () => {});
  });
}
