import type { Scope } from '../domain/access-tokens.ts';

/** Who asks. */
export type Viewer = Anonymous | Merchant | CustomerViewer;

interface Anonymous {
  is: 'anonymous';
}

export interface Merchant {
  is: 'merchant';
  organizationId: string;
  tokenId: string;
  /** Empty: every scope. */
  scopes: readonly string[];
  expiresAt: Date | null;
}

export interface CustomerViewer {
  is: 'customer';
  organizationId: string;
  customerId: string;
  sessionId: string;
  expiresAt: Date;
}

/** Whether the caller is a merchant whose token allows `scope`. To write a noun is to read it. */
export function allows(viewer: Viewer, scope: Scope): boolean {
  if (viewer.is !== 'merchant') return false;
  const { scopes } = viewer;
  return scopes.length === 0 || scopes.includes(scope) || scopes.includes(scope.replace(/:read$/, ':write'));
}
