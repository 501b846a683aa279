export interface Role {
  id: string;
  name: string;
  position: number;
  /** It belongs to a bot, a subscription or the boosters: Discord gives it itself. */
  managed: boolean;
  permissions: string;
}

export interface Server {
  id: string;
  name: string;
  roles: Role[];
  /** What our bot may do there. */
  mayManageRoles: boolean;
  mayInvite: boolean;
  mayKick: boolean;
  /** Roles below this place are ours to give. */
  highest: number;
}

/** Whether our bot may give it. */
export const isAssignable = ({ id, highest, mayManageRoles }: Server, role: Role): boolean =>
  mayManageRoles && !role.managed && role.position < highest && role.id !== id;
