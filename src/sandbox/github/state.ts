import { generateKeyPairSync } from 'node:crypto';
import { noTokens, secret, type TokenState } from '../tokens.ts';

export const PERMISSIONS = ['pull', 'triage', 'push', 'maintain', 'admin'] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** A person or an organization. The id stays when the login changes. */
export interface Account {
  id: number;
  login: string;
  type: 'User' | 'Organization';
  name: string;
  /** Of an organization: who belongs to it. Of a person: nobody. */
  members: Set<number>;
  /** Those of them who own it. */
  owners: Set<number>;
  createdAt: Date;
}

export interface Invitation {
  id: number;
  inviteeId: number;
  permission: Permission;
  createdAt: Date;
}

export interface Repository {
  id: number;
  ownerId: number;
  name: string;
  private: boolean;
  archived: boolean;
  collaborators: Map<number, Permission>;
  invitations: Map<number, Invitation>;
  /** When invitations were sent, for the daily limit. */
  sent: Date[];
  createdAt: Date;
}

export interface Installation {
  id: number;
  accountId: number;
  /** All of the account's repositories, or these. */
  repositoryIds: Set<number> | 'all';
  permissions: Record<string, 'read' | 'write'>;
  suspendedAt: Date | null;
  createdAt: Date;
}

/** The GitHub App that Boon acts as. */
export interface AppRegistration {
  id: number;
  slug: string;
  clientId: string;
  clientSecret: string;
  privateKey: string;
  publicKey: string;
}

/** All that is kept, as plain data. */
export interface State {
  app: AppRegistration;
  accounts: Map<number, Account>;
  repositories: Map<number, Repository>;
  installations: Map<number, Installation>;
  /** Tokens of installations. */
  tokens: Map<string, { installationId: number; expiresAt: Date }>;
  oauth: TokenState;
  lastId: number;
}

export const APP_ID = 424_242;

export function newState(): State {
  return {
    app: {
      id: APP_ID,
      slug: 'boon-sandbox',
      clientId: `Iv23li${secret(7)}`,
      clientSecret: secret(20),
      ...appKeys(),
    },
    accounts: new Map(),
    repositories: new Map(),
    installations: new Map(),
    tokens: new Map(),
    oauth: noTokens(),
    lastId: 10_000,
  };
}

/** Made once for all that run in one process: it takes a moment. */
const appKeys = (): { privateKey: string; publicKey: string } => {
  made ??= generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return made;
};
let made: { privateKey: string; publicKey: string } | undefined;
