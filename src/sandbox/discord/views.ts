import type { Realm } from './realm.ts';
import type { Channel, Guild, Member, Message, Role, User } from './state.ts';

export const user = ({ id, username, bot }: User) => ({
  id,
  username,
  avatar: null,
  discriminator: bot ? '4242' : '0',
  public_flags: 0,
  flags: 0,
  bot,
  banner: null,
  accent_color: null,
  global_name: bot ? null : username,
  avatar_decoration_data: null,
  collectibles: null,
  primary_guild: null,
});

/** Somebody's own account, as their token sees it. */
export const self = (who: User) => ({
  ...user(who),
  mfa_enabled: false,
  locale: 'en-US',
  premium_type: 0,
  ...(who.bot && { verified: true, email: null }),
});

export const role = ({ id, name, position, permissions, managed }: Role) => ({
  id,
  name,
  permissions: String(permissions),
  position,
  color: 0,
  colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
  hoist: false,
  managed,
  mentionable: false,
  icon: null,
  unicode_emoji: null,
  flags: 0,
});

const stamp = (time: Date): string => time.toISOString();

export const member = ({ state }: Realm, { userId, roles, nick, joinedAt }: Member) => ({
  avatar: null,
  banner: null,
  communication_disabled_until: null,
  flags: 0,
  joined_at: stamp(joinedAt),
  nick,
  pending: false,
  premium_since: null,
  roles: [...roles],
  user: user(state.users.get(userId) ?? { id: userId, username: 'deleted', bot: false }),
  mute: false,
  deaf: false,
});

/** A guild in the list of somebody's guilds. */
export const listedGuild = ({ id, name }: Guild, owner: boolean, permissions: bigint) => ({
  id,
  name,
  icon: null,
  banner: null,
  owner,
  permissions: String(permissions),
  features: [],
});

export const guild = ({ id, name, ownerId, roles, members }: Guild, withCounts: boolean) => ({
  id,
  name,
  icon: null,
  description: null,
  home_header: null,
  splash: null,
  discovery_splash: null,
  features: [],
  banner: null,
  owner_id: ownerId,
  application_id: null,
  region: 'us-west',
  afk_channel_id: null,
  afk_timeout: 300,
  system_channel_id: null,
  system_channel_flags: 0,
  widget_enabled: false,
  widget_channel_id: null,
  verification_level: 0,
  roles: [...roles.values()].map(role),
  default_message_notifications: 0,
  mfa_level: 0,
  explicit_content_filter: 0,
  max_presences: null,
  max_members: 500_000,
  max_stage_video_channel_users: 50,
  max_video_channel_users: 25,
  vanity_url_code: null,
  premium_tier: 0,
  premium_subscription_count: 0,
  preferred_locale: 'en-US',
  rules_channel_id: null,
  safety_alerts_channel_id: null,
  public_updates_channel_id: null,
  premium_progress_bar_enabled: false,
  premium_progress_bar_enabled_user_updated_at: null,
  nsfw: false,
  nsfw_level: 0,
  emojis: [],
  stickers: [],
  incidents_data: null,
  ...(withCounts && { approximate_member_count: members.size, approximate_presence_count: 1 }),
});

export const channel = ({ id, name }: Channel, guildId: string) => ({
  id,
  type: 0,
  flags: 0,
  guild_id: guildId,
  name,
  parent_id: null,
  position: 0,
  permission_overwrites: [],
  topic: null,
  nsfw: false,
  last_message_id: null,
  rate_limit_per_user: 0,
});

export const message = ({ state }: Realm, channelId: string, { id, authorId, content, at }: Message) => ({
  id,
  channel_id: channelId,
  type: 0,
  content,
  author: user(state.users.get(authorId) ?? state.bot),
  mentions: [],
  mention_roles: [],
  mention_everyone: false,
  attachments: [],
  embeds: [],
  timestamp: stamp(at),
  edited_timestamp: null,
  flags: 0,
  components: [],
  pinned: false,
  tts: false,
});
