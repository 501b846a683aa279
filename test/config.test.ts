import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig, readProviders, readSecrets } from '../src/config.ts';

const DATABASE_URL = 'postgresql://me:pw@db:5432/boon';

test('an empty environment gives one process with everything embedded, on this machine only', () => {
  expect(readConfig({})).toEqual({
    fileQuota: 100n * 1_024n ** 3n,
    role: 'all',
    host: '127.0.0.1',
    port: 4000,
    dataDir: resolve(import.meta.dirname, '..', '.boon'),
    logLevel: 'info',
    trustedProxies: 0,
    rateLimits: true,
    webhooksInside: 'loopback',
    demo: true,
  });
});

test('webhooks reach inside only as far as one says; with a database of one’s own, not at all', () => {
  expect(readConfig({ DATABASE_URL }).webhooksInside).toBe('none');
  expect(readConfig({ WEBHOOK_ALLOW_PRIVATE: 'none' }).webhooksInside).toBe('none');
  expect(() => readConfig({ WEBHOOK_ALLOW_PRIVATE: 'on' })).toThrow(
    'WEBHOOK_ALLOW_PRIVATE must be one of none, loopback',
  );
});

test('the environment decides', () => {
  const env = {
    HOST: '0.0.0.0',
    PORT: '0',
    DATA_DIR: 'there',
    DATABASE_URL,
    DATABASE_POOL: '3',
    REDIS_URL: 'redis://r:6379',
    LOG_LEVEL: 'warn',
    TRUST_PROXY: '1',
    RATE_LIMITS: 'off',
    WEBHOOK_ALLOW_PRIVATE: 'private',
    DEMO: 'on',
    PUBLIC_URL: 'https://boon.example.com/',
    FILE_QUOTA_GB: '5',
  };
  expect(readConfig(env, ['--role', 'worker'])).toEqual({
    fileQuota: 5n * 1_024n ** 3n,
    publicUrl: 'https://boon.example.com',
    role: 'worker',
    host: '0.0.0.0',
    port: 0,
    dataDir: resolve('there'),
    databaseUrl: DATABASE_URL,
    databasePool: 3,
    redisUrl: 'redis://r:6379',
    logLevel: 'warn',
    trustedProxies: 1,
    rateLimits: false,
    webhooksInside: 'private',
    demo: false,
  });
});

test('a mail server needs an address that mails come from', () => {
  const SMTP_URL = 'smtp://me:pw@mail:587';
  expect(readConfig({ SMTP_URL, MAIL_FROM: 'hello@acme.dev' }).mail).toEqual({ url: SMTP_URL, from: 'hello@acme.dev' });
  expect(() => readConfig({ SMTP_URL })).toThrow('SMTP_URL needs MAIL_FROM');
  expect(() => readConfig({ SMTP_URL: 'http://mail', MAIL_FROM: 'hello@acme.dev' })).toThrow(
    'SMTP_URL must be a URL such as',
  );
  expect(() => readConfig({ SMTP_URL, MAIL_FROM: 'Acme\r\nBcc: eve@evil.dev' })).toThrow(
    'MAIL_FROM must be an address',
  );
});

test('an empty variable counts as none', () => {
  expect(readConfig({ PORT: '', DATABASE_URL: '' })).toMatchObject({ port: 4000 });
  expect(readSecrets({ BOON_SECRET: '' })).toBeUndefined();
});

test.each([
  [{ PORT: '70000' }, [], 'PORT must be a whole number from 0 to 65535'],
  [{ PORT: '4e3' }, [], 'PORT must be a whole number from 0 to 65535'],
  [{ DATABASE_URL: 'mysql://db' }, [], 'DATABASE_URL must be a URL such as postgresql://user:password@host:5432/boon'],
  [{ REDIS_URL: 'localhost' }, [], 'REDIS_URL must be a URL such as redis://host:6379'],
  [{ LOG_LEVEL: 'loud' }, [], 'LOG_LEVEL must be one of debug, info, warn, error, silent'],
  [
    { PORT: 'x', RATE_LIMITS: '1' },
    [],
    'PORT must be a whole number from 0 to 65535; RATE_LIMITS must be one of on, off',
  ],
  [{}, ['--role', 'king'], '--role must be one of all, api, worker'],
  [{}, ['--role', 'api'], '--role api needs DATABASE_URL: the embedded database serves one process only'],
  [{}, ['--rule', 'api'], "Unknown option '--rule'"],
])('%o %j is refused in one line', (env, args, message) => {
  expect(() => readConfig(env, args)).toThrow(message);
});

test('secrets: the first one seals, a short one is refused without being told', () => {
  const [first, second] = ['a'.repeat(32), 'b'.repeat(40)];
  expect(readSecrets({ BOON_SECRET: `${first}, ${second}` })).toEqual([first, second]);
  expect(() => readSecrets({ BOON_SECRET: 'hunter2' })).toThrow(/^(?!.*hunter2).*at least 32 characters/);
});

const PEM = '-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----';
const GITHUB = {
  GITHUB_APP_ID: '7',
  GITHUB_APP_PRIVATE_KEY: PEM.replaceAll('\n', '\\n'),
  GITHUB_CLIENT_ID: 'Iv1.x',
  GITHUB_CLIENT_SECRET: 'hunter2',
};

test('third parties are configured whole or not at all', () => {
  expect(readProviders({})).toEqual({});
  expect(readProviders(GITHUB)).toEqual({
    github: {
      appId: 7,
      privateKey: PEM,
      clientId: 'Iv1.x',
      clientSecret: 'hunter2',
      apiUrl: 'https://api.github.com',
      url: 'https://github.com',
    },
  });
  const discord = { DISCORD_BOT_TOKEN: 'bot', DISCORD_CLIENT_ID: '123456', DISCORD_CLIENT_SECRET: 'hunter2' };
  expect(readProviders({ ...discord, DISCORD_API_URL: 'http://localhost:1/api/' })).toMatchObject({
    discord: { clientId: '123456', apiUrl: 'http://localhost:1/api', url: 'https://discord.com' },
  });
  expect(() => readProviders({ ...GITHUB, GITHUB_CLIENT_SECRET: '' })).toThrow(/^GITHUB_CLIENT_SECRET must be set/);
  expect(() => readProviders({ ...GITHUB, GITHUB_APP_PRIVATE_KEY: 'hunter2' })).toThrow(
    /^(?!.*hunter2)GITHUB_APP_PRIVATE_KEY must be the PEM/,
  );
});

test('S3 is read from its variables, and where it is not Amazon the bucket stands in the path', () => {
  const env = { S3_BUCKET: 'files', S3_ACCESS_KEY_ID: 'key', S3_SECRET_ACCESS_KEY: 'secret' };
  const amazon = { bucket: 'files', accessKeyId: 'key', secretAccessKey: 'secret', region: 'us-east-1' };
  expect(readProviders(env)).toEqual({ s3: { ...amazon, endpoint: undefined, forcePathStyle: false } });
  expect(readProviders({ ...env, S3_ENDPOINT: 'http://store:9000/', S3_REGION: 'here' })).toMatchObject({
    s3: { endpoint: 'http://store:9000', region: 'here', forcePathStyle: true },
  });
  expect(() => readProviders({ S3_BUCKET: 'files' })).toThrow(/^S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY must be set/);
});
