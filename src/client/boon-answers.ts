export interface Benefit {
  id: string;
  /** `license_keys`, `custom` … */
  type: string;
  description: string;
  /** Of files that are yet to be uploaded: their ids, and where each part goes. */
  files?: object[];
}

export interface Product {
  id: string;
  benefits: { id: string; description: string }[];
}

export interface Grants {
  items: {
    id: string;
    /** `created`, `active` or `revoked`. */
    state: string;
    is_granted: boolean;
    is_revoked: boolean;
    granted_at: string | null;
    revoked_at: string | null;
    created_at: string;
    attention: { code: string; message: string; actor: string } | null;
    customer_id: string;
    benefit_id: string;
    customer: { id: string; external_id: string | null; email: string };
    benefit: { id: string; type: string; description: string };
  }[];
  pagination: { total_count: number };
  next_cursor: string | null;
}

/** Exact decimals, as text. */
export interface Balance {
  meter_id: string;
  balance: string;
  credited: string;
  consumed: string;
  held: string;
  overage: string;
  next_expiry_at: string | null;
  updated_at: string | null;
}

export interface Session {
  id: string;
  token: string;
  customer_portal_url: string;
  expires_at: string;
}

export interface Validation {
  valid: boolean;
  /** `VALID`, or the first reason against it. */
  code: string;
  reasons: string[];
  usage: number | null;
  limit_usage: number | null;
  expires_at: string | null;
  activations: { used: number; limit: number | null } | null;
  activation: { id: string; label: string } | null;
  customer: { id: string; external_id: string | null } | null;
}

export interface Activation {
  id: string;
  label: string;
  created_at: string;
}
