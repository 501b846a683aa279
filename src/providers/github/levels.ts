/** How much somebody may do in a repository, in rising order. */
export const LEVELS = ['PULL', 'TRIAGE', 'PUSH', 'MAINTAIN', 'ADMIN'] as const;
export type Level = (typeof LEVELS)[number];

/** GitHub calls the same things by other names, depending on where one asks. */
export const IN_PUT = { PULL: 'pull', TRIAGE: 'triage', PUSH: 'push', MAINTAIN: 'maintain', ADMIN: 'admin' } as const;
export const IN_INVITATIONS = {
  PULL: 'read',
  TRIAGE: 'triage',
  PUSH: 'write',
  MAINTAIN: 'maintain',
  ADMIN: 'admin',
} as const;

/** The level that any of its names stands for; null for none that we know. */
export const levelNamed = (name: string): Level | null => NAMED[name.toLowerCase()] ?? null;

const NAMED: Record<string, Level> = {
  read: 'PULL',
  pull: 'PULL',
  triage: 'TRIAGE',
  write: 'PUSH',
  push: 'PUSH',
  maintain: 'MAINTAIN',
  admin: 'ADMIN',
};

/** What anybody may do was given to nobody. */
export const givenOf = (level: Level | null, { isPrivate }: { isPrivate: boolean }): Level | null =>
  level === 'PULL' && !isPrivate ? null : level;
