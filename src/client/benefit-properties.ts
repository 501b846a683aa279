import { BoonError } from './transport.ts';

/** What a merchant may write: `false` and a bare number stand for the longer forms, one repository or role for a list. */
export type NewBenefit = { description: string; organization_id?: string; metadata?: Metadata } & (
  | { type: 'license_keys'; properties: LicenseKeys }
  | { type: 'github_repository'; properties: Repository | { repositories: Listed[] } }
  | { type: 'discord'; properties: Discord }
  | { type: 'downloadable' | 'downloadables'; properties: { files: (string | NewFile)[] } }
  | { type: 'meter_credit'; properties: MeterCredit }
  | { type: 'custom'; properties: Custom | { meter_id: string; credits: number } }
);

export type Metadata = Record<string, string | number | boolean>;
type Permission = 'pull' | 'triage' | 'push' | 'maintain' | 'admin';
type Listed = { owner: string; name: string; permission: Permission };
type Repository = { repository_owner: string; repository_name: string; permission: Permission };

interface LicenseKeys {
  prefix?: string | null;
  expires?: false | null | { ttl: number; timeframe: 'day' | 'month' | 'year' };
  activations?: false | null | number | { limit: number; enable_customer_admin?: boolean; required?: boolean };
  limit_usage?: false | null | number;
}

interface Discord {
  guild_id: string;
  role_id?: string;
  roles?: { role_id: string; name?: string }[];
  kick_member?: boolean;
  welcome?: { channel_id: string; text: string };
}

/** A file that is yet to be uploaded; its size in bytes. */
export interface NewFile {
  name: string;
  size: number;
  content_type?: string;
  sha256?: string;
}

interface MeterCredit {
  meter_id: string;
  units: number;
  rollover?: boolean | { max?: number };
  priority?: number;
}

interface Custom {
  note?: string | null;
  fulfillment?: 'automatic' | 'manual';
  due_days?: number;
}

/** A benefit's properties as the API takes them; `upload` makes a file and answers its id. */
export async function propertiesOf(given: NewBenefit, upload: (file: NewFile) => Promise<string>): Promise<object> {
  switch (given.type) {
    case 'license_keys':
      return { licenseKeys: licenseKeys(given.properties) };
    case 'github_repository': {
      const all = 'repositories' in given.properties ? given.properties.repositories : [single(given.properties)];
      return { githubRepository: { repositories: all.map((one) => ({ ...one, permission: upper(one.permission) })) } };
    }
    case 'discord':
      return { discord: discord(given.properties) };
    case 'downloadable':
    case 'downloadables': {
      const fileIds: string[] = [];
      for (const file of given.properties.files) fileIds.push(typeof file === 'string' ? file : await upload(file));
      return { downloadables: { fileIds } };
    }
    case 'meter_credit':
      return { meterCredit: meterCredit(given.properties) };
    case 'custom': {
      const { properties } = given;
      if ('meter_id' in properties)
        return { meterCredit: meterCredit({ meter_id: properties.meter_id, units: properties.credits }) };
      const { note, fulfillment, due_days: dueDays } = properties;
      return {
        custom: known({ note, fulfillment: fulfillment && upper(fulfillment), dueDays }),
      };
    }
    default:
      throw new BoonError('There is no such type of benefit.', { code: 'INVALID_INPUT', path: ['type'] });
  }
}

function licenseKeys({ prefix, expires, activations, limit_usage: limitUsage }: LicenseKeys): object {
  const { enable_customer_admin: customerAdmin, ...policy } =
    typeof activations === 'number' ? { limit: activations } : activations || ({} as { enable_customer_admin?: true });
  return {
    prefix: prefix ?? null,
    expires: expires ? { ttl: expires.ttl, timeframe: upper(expires.timeframe) } : null,
    activations: activations ? known({ ...policy, customerAdmin }) : null,
    limitUsage: limitUsage || null,
  };
}

const single = ({ repository_owner: owner, repository_name: name, permission }: Repository): Listed => ({
  owner,
  name,
  permission,
});

function discord({ guild_id: guildId, role_id, roles, kick_member: kickOnRevoke, welcome }: Discord): object {
  const all = roles ?? (role_id ? [{ role_id }] : []);
  return known({
    guildId,
    roles: all.map(({ role_id: roleId, ...named }) => ({ roleId, ...named })),
    kickOnRevoke,
    welcome: welcome && { channelId: welcome.channel_id, text: welcome.text },
  });
}

function meterCredit({ meter_id: meterId, units, rollover, priority }: MeterCredit): object {
  return known({ meterId, units, rollover: rollover === true ? {} : rollover || undefined, priority });
}

const upper = (word: string): string => word.toUpperCase();
const known = (value: object): object =>
  Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined));
