import { join } from 'node:path';
import { openApp } from '../../src/app.ts';
import { readConfig, readProviders } from '../../src/config.ts';
import { keptSecret } from '../../src/platform/kept-secret.ts';

/** Boon by the clock of an emulated world that runs faster than ours; otherwise as `npm start` runs it. */
const { WORLD_BEGAN: began = Date.now(), WORLD_SPEED: speed = 1 } = process.env;
const config = readConfig(process.env);

const app = await openApp({
  config,
  secrets: [await keptSecret(join(config.dataDir, 'secret'))],
  providers: readProviders(process.env),
  clock: () => new Date(Number(began) + (Date.now() - Number(began)) * Number(speed)),
});
console.log(`${app.url}/graphql, until Ctrl-C`);
process.once('SIGTERM', async () => {
  await app[Symbol.asyncDispose]();
  process.exit();
});
