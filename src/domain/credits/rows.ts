import type { CreditHoldState, CreditLotState, CreditSource } from '../../../prisma/generated/client/client.ts';
import { parseUnits } from '../../lib/units.ts';
import type { Book, Hold, Lot } from './book.ts';

/**
 * A balance with all that time may still change about it, as SQL reads it of a row called `t`. Decimals come as text,
 * since they would be rounded as numbers.
 */
export const BALANCE_COLUMNS = `
  t.id, t."organizationId", t."customerId", t."meterId", t.balance::text, t.overage::text, t.used::text, t.spent::text,
  t.sequence::text, t."asOf", t."createdAt", t."updatedAt",
  (SELECT coalesce(json_agg(json_build_object(
    'id', l.id, 'key', l.key, 'source', l.source, 'state', l.state, 'grantId', l."grantId", 'family', l.family,
    'periodStart', l."periodStart", 'amount', l.amount::text, 'used', l.used::text, 'remaining', l.remaining::text,
    'lost', l.lost::text, 'carries', l.carries, 'carriesMost', l."carriesMost"::text, 'replaces', l.replaces, 'priority', l.priority,
    'effectiveAt', l."effectiveAt", 'expiresAt', l."expiresAt", 'note', l.note,
    'entitledUntil', least(g."entitledUntil", g."stoppedAt")) ORDER BY l.id), '[]')
   FROM "CreditLot" l LEFT JOIN "BenefitGrant" g ON g.id = l."grantId"
   WHERE l."balanceId" = t.id AND l.state IN ('PENDING', 'OPEN', 'WITHDRAWN', 'RETIRED')) AS lots,
  (SELECT coalesce(json_agg(json_build_object('id', h.id, 'state', h.state, 'units', h.units::text, 'committed', h.committed::text,
    'expiresAt', h."expiresAt", 'endedAt', h."endedAt") ORDER BY h.id), '[]')
   FROM "CreditHold" h WHERE h."balanceId" = t.id AND h.state = 'OPEN') AS holds`;

export interface BalanceRow {
  id: string;
  organizationId: string;
  customerId: string;
  meterId: string;
  balance: string;
  overage: string;
  used: string;
  spent: string;
  sequence: string;
  asOf: Date;
  createdAt: Date;
  updatedAt: Date;
  lots: readonly LotRow[];
  holds: readonly HoldRow[];
}

/** Instants and decimals as JSON has them. */
export interface LotRow {
  id: string;
  key: string;
  source: CreditSource;
  state: CreditLotState;
  grantId: string | null;
  family: string | null;
  periodStart: string | Date | null;
  amount: string;
  used: string;
  remaining: string;
  lost: string;
  carries: string[];
  carriesMost: string | null;
  replaces: string[];
  priority: number;
  effectiveAt: string | Date;
  expiresAt: string | Date | null;
  note: string | null;
  entitledUntil: string | Date | null;
}

interface HoldRow {
  id: string;
  state: CreditHoldState;
  units: string;
  committed: string | null;
  expiresAt: string;
  endedAt: string | null;
}

/** The book as it was when it was last written; time has gone on since. */
export const bookOf = ({ lots, holds, balance, overage, used, spent, asOf }: BalanceRow): Book => ({
  lots: lots.map(lotOf),
  holds: holds.map(holdOf),
  balance: parseUnits(balance),
  overage: parseUnits(overage),
  used: parseUnits(used),
  spent: parseUnits(spent),
  asOf: new Date(asOf),
  entries: [],
});

export const lotOf = (row: LotRow): Lot => ({
  ...row,
  periodStart: instant(row.periodStart),
  amount: parseUnits(row.amount),
  used: parseUnits(row.used),
  remaining: parseUnits(row.remaining),
  lost: parseUnits(row.lost),
  carriesMost: row.carriesMost === null ? null : parseUnits(row.carriesMost),
  effectiveAt: new Date(row.effectiveAt),
  expiresAt: instant(row.expiresAt),
  entitledUntil: instant(row.entitledUntil),
});

const holdOf = (row: HoldRow): Hold => ({
  ...row,
  units: parseUnits(row.units),
  committed: row.committed === null ? null : parseUnits(row.committed),
  expiresAt: new Date(row.expiresAt),
  endedAt: instant(row.endedAt),
});

const instant = (value: string | Date | null): Date | null => (value === null ? null : new Date(value));
