import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { StartError } from './lib/start-error.ts';
import type { DiscordSettings } from './providers/discord/settings.ts';
import type { GithubSettings } from './providers/github/settings.ts';
import type { S3Settings } from './providers/s3.ts';

/** Everything the environment and the command line decide, as plain values. The only file that knows either. */
export interface Config {
  /** `api` answers requests, `worker` works jobs and timers, `all` does both. */
  role: 'all' | 'api' | 'worker';
  host: string;
  /** 0 takes any free one. */
  port: number;
  /** Where the embedded database and its secrets are kept; not used with a database of one's own. */
  dataDir: string;
  /** A PostgreSQL of one's own; without it Boon runs the embedded one. */
  databaseUrl?: string;
  /** Connections to PostgreSQL that a process holds for its own statements. */
  databasePool?: number;
  /** Without it nodes ring each other through PostgreSQL. */
  redisUrl?: string;
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** How many proxies of one's own stand in front; the caller's address is then taken from X-Forwarded-For. */
  trustedProxies: number;
  /** Whether anonymous calls are limited by key and address. */
  rateLimits: boolean;
  /** The mail server, and the address mails come from; without it mails are kept, to be looked at. */
  mail?: { url: string; from: string };
  /** Which addresses that are not on the public internet webhooks may call. */
  webhooksInside: 'none' | 'loopback' | 'private';
  /** Whether an empty database gets an organization with something to look at, and its token is printed at start. */
  demo: boolean;
  /** Where others reach this server; without it where it listens. */
  publicUrl?: string;
  /** Bytes that the files of an organization may take. */
  fileQuota: bigint;
}

const DATA_DIR = fileURLToPath(new URL('../.boon', import.meta.url));
const SECRET_CHARACTERS = 32;
const GIGABYTE = 1_024n ** 3n;

const wholeNumber = (least: number, most: number) => {
  const error = `must be a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, error)
    .transform(Number)
    .refine((value) => value >= least && value <= most, error);
};
const oneOf = <const Names extends readonly [string, ...string[]]>(names: Names) =>
  z.enum(names, `must be one of ${names.join(', ')}`);
const url = (protocol: RegExp, example: string) => z.url({ protocol, error: `must be a URL such as ${example}` });

const address = (example: string) => url(/^https?$/, example).transform((text) => text.replace(/\/+$/, ''));

const SETTINGS = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: wholeNumber(0, 65_535).default(4000),
  DATA_DIR: z.string().default(DATA_DIR),
  DATABASE_URL: url(/^postgres(ql)?$/, 'postgresql://user:password@host:5432/boon').optional(),
  DATABASE_POOL: wholeNumber(1, 1_000).optional(),
  REDIS_URL: url(/^rediss?$/, 'redis://host:6379').optional(),
  LOG_LEVEL: oneOf(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  TRUST_PROXY: wholeNumber(0, 10).default(0),
  RATE_LIMITS: oneOf(['on', 'off']).default('on'),
  SMTP_URL: url(/^smtps?$/, 'smtp://user:password@host:587').optional(),
  MAIL_FROM: z.email('must be an address such as hello@your-domain.com').optional(),
  WEBHOOK_ALLOW_PRIVATE: oneOf(['none', 'loopback', 'private']).optional(),
  PUBLIC_URL: address('https://boon.your-domain.com').optional(),
  FILE_QUOTA_GB: wholeNumber(0, 1_000_000).default(100),
  DEMO: oneOf(['on', 'off']).default('on'),
  '--role': oneOf(['all', 'api', 'worker']).default('all'),
});

const START_ARGUMENTS = { role: { type: 'string' }, sandbox: { type: 'boolean' } } as const;

/** Whether GitHub and Discord are to be emulated. */
export const wantsSandbox = (args: string[]): boolean => readArguments(args, START_ARGUMENTS).sandbox ?? false;

/** Reads the environment and the arguments of `start`; what is wrong with them is told in one line. */
export function readConfig(env: NodeJS.ProcessEnv, args: string[] = []): Config {
  const { role } = readArguments(args, START_ARGUMENTS);
  const { success, data, error } = SETTINGS.safeParse({ ...withoutEmpty(env), '--role': role });
  if (!success)
    throw new StartError(error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; '));
  const config: Config = {
    role: data['--role'],
    host: data.HOST,
    port: data.PORT,
    dataDir: resolve(data.DATA_DIR),
    databaseUrl: data.DATABASE_URL,
    databasePool: data.DATABASE_POOL,
    redisUrl: data.REDIS_URL,
    logLevel: data.LOG_LEVEL,
    trustedProxies: data.TRUST_PROXY,
    rateLimits: data.RATE_LIMITS === 'on',
    ...(data.SMTP_URL && data.MAIL_FROM && { mail: { url: data.SMTP_URL, from: data.MAIL_FROM } }),
    webhooksInside: data.WEBHOOK_ALLOW_PRIVATE ?? (data.DATABASE_URL ? 'none' : 'loopback'),
    publicUrl: data.PUBLIC_URL,
    fileQuota: BigInt(data.FILE_QUOTA_GB) * GIGABYTE,
    demo: data.DEMO === 'on' && data['--role'] !== 'worker',
  };
  if (data.SMTP_URL && !data.MAIL_FROM)
    throw new StartError('SMTP_URL needs MAIL_FROM beside it, the address mails come from');
  if (config.role !== 'all' && !config.databaseUrl) {
    throw new StartError(`--role ${config.role} needs DATABASE_URL: the embedded database serves one process only`);
  }
  return config;
}

/** BOON_SECRET, if there is one: the first secret seals, those after a comma still open what they sealed. Never part of the config. */
export function readSecrets(env: NodeJS.ProcessEnv): string[] | undefined {
  const secrets = withoutEmpty(env)
    .BOON_SECRET?.split(',')
    .map((secret) => secret.trim());
  if (secrets?.some((secret) => secret.length < SECRET_CHARACTERS)) {
    throw new StartError(
      `BOON_SECRET must have at least ${SECRET_CHARACTERS} characters (several are separated by commas); openssl rand -hex 32 makes one`,
    );
  }
  return secrets;
}

/** The third parties that are configured; their secrets are no part of the config. */
export interface ProviderSettings {
  github?: GithubSettings;
  discord?: DiscordSettings;
  /** They are not the real ones but emulated, with something to look at in them. */
  emulated?: boolean;
  /** Without it files are kept in the data folder. */
  s3?: S3Settings;
}

const pem = z
  .string()
  .transform((text) => text.replaceAll('\\n', '\n').trim())
  .refine((text) => /^-----BEGIN [A-Z ]*PRIVATE KEY-----\n.*\n-----END [A-Z ]*PRIVATE KEY-----$/s.test(text), {
    error: 'must be the PEM file of the private key, with \\n for its line breaks where there can be none',
  });

const GITHUB = z.object({
  GITHUB_APP_ID: wholeNumber(1, 999_999_999),
  GITHUB_APP_PRIVATE_KEY: pem,
  GITHUB_CLIENT_ID: z.string(),
  GITHUB_CLIENT_SECRET: z.string(),
  GITHUB_API_URL: address('https://api.github.com').default('https://api.github.com'),
  GITHUB_URL: address('https://github.com').default('https://github.com'),
});
const DISCORD = z.object({
  DISCORD_BOT_TOKEN: z.string(),
  DISCORD_CLIENT_ID: z.string().regex(/^\d{5,20}$/, 'must be the numeric id of the application'),
  DISCORD_CLIENT_SECRET: z.string(),
  DISCORD_API_URL: address('https://discord.com/api').default('https://discord.com/api'),
  DISCORD_URL: address('https://discord.com').default('https://discord.com'),
});
const S3 = z.object({
  S3_BUCKET: z.string().min(3, 'must be the name of a bucket'),
  S3_ACCESS_KEY_ID: z.string(),
  S3_SECRET_ACCESS_KEY: z.string(),
  S3_REGION: z.string().default('us-east-1'),
  S3_ENDPOINT: address('https://s3.eu-central-1.amazonaws.com').optional(),
  S3_FORCE_PATH_STYLE: oneOf(['true', 'false']).optional(),
});

/** What the environment says about GitHub, Discord and S3: all of what one of them needs, or nothing of it. */
export function readProviders(env: NodeJS.ProcessEnv): ProviderSettings {
  const github = readGroup(GITHUB, env);
  const discord = readGroup(DISCORD, env);
  const s3 = readGroup(S3, env);
  return {
    ...(github && {
      github: {
        appId: github.GITHUB_APP_ID,
        privateKey: github.GITHUB_APP_PRIVATE_KEY,
        clientId: github.GITHUB_CLIENT_ID,
        clientSecret: github.GITHUB_CLIENT_SECRET,
        apiUrl: github.GITHUB_API_URL,
        url: github.GITHUB_URL,
      },
    }),
    ...(discord && {
      discord: {
        botToken: discord.DISCORD_BOT_TOKEN,
        clientId: discord.DISCORD_CLIENT_ID,
        clientSecret: discord.DISCORD_CLIENT_SECRET,
        apiUrl: discord.DISCORD_API_URL,
        url: discord.DISCORD_URL,
      },
    }),
    ...(s3 && {
      s3: {
        bucket: s3.S3_BUCKET,
        accessKeyId: s3.S3_ACCESS_KEY_ID,
        secretAccessKey: s3.S3_SECRET_ACCESS_KEY,
        region: s3.S3_REGION,
        endpoint: s3.S3_ENDPOINT,
        // What is not Amazon's own rarely has a host for each bucket.
        forcePathStyle: s3.S3_FORCE_PATH_STYLE ? s3.S3_FORCE_PATH_STYLE === 'true' : s3.S3_ENDPOINT !== undefined,
      },
    }),
  };
}

/** Settings that are given together or not at all; what has a default asks for nothing. */
function readGroup<Group extends z.ZodObject>(group: Group, env: NodeJS.ProcessEnv): z.output<Group> | null {
  const given = withoutEmpty(env);
  const needed = Object.keys(group.shape).filter((name) => !group.shape[name].safeParse(undefined).success);
  if (!needed.some((name) => given[name])) return null;
  const missing = needed.filter((name) => !given[name]);
  if (missing.length > 0) throw new StartError(`${missing.join(', ')} must be set as well: all of these or none`);
  const { success, data, error } = group.safeParse(given);
  if (!success)
    throw new StartError(error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; '));
  return data as z.output<Group>;
}

type Flags = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>;

/** Options of a command by name; one that it does not have is told in one line. */
export function readArguments<const Options extends Flags>(args: string[], options: Options) {
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new StartError((error as Error).message.split('. ')[0] ?? '');
  }
}

/** An empty variable counts as none, as in most shells and compose files. */
const withoutEmpty = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
