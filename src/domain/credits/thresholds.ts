import type { CreditThreshold } from '../../../prisma/generated/client/client.ts';
import { InvalidInputError, NotFoundError } from '../../lib/errors.ts';
import { newId } from '../../lib/id.ts';
import { parseUnits, type Units, wholeUnits } from '../../lib/units.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import type { Balance, Named } from './book.ts';
import { checkMeter } from './meters.ts';

/** How low a balance may fall before it is told: to so many units, or so many percent of the credits in force. */
export interface Threshold {
  id: string;
  units: string | null;
  percent: string | null;
}

/** Whether a balance has reached a threshold that it was above before. */
export const crossed = (threshold: Threshold, before: Balance, after: Balance): boolean =>
  before.balance > levelOf(threshold, before) && after.balance <= levelOf(threshold, after);

/** Percent have six places, and their product with an amount 18: nothing is rounded where amounts have at most ten. */
const levelOf = ({ units, percent }: Threshold, { credited }: Balance): Units =>
  percent === null ? parseUnits(units ?? '0') : (credited * parseUnits(percent)) / wholeUnits(100);

/** The thresholds of meters, by whose balance it is. */
export async function thresholdsOf(tx: Tx, named: readonly Named[]): Promise<(of: Named) => Threshold[]> {
  const meterIds = [...new Set(named.map(({ meterId }) => meterId))];
  const rows =
    meterIds.length > 0
      ? await tx.run<Threshold & Pick<CreditThreshold, 'meterId' | 'customerId'>>('thresholds', THRESHOLDS, [meterIds])
      : [];
  return ({ customerId, meterId }) =>
    rows
      .filter((row) => row.meterId === meterId && (row.customerId === null || row.customerId === customerId))
      .map(({ id, units, percent }) => ({ id, units, percent }));
}

const THRESHOLDS = `SELECT id, "meterId", "customerId", trim_scale(units)::text AS units, trim_scale(percent)::text AS percent
  FROM "CreditThreshold" WHERE "meterId" = ANY($1) ORDER BY id`;

export interface NewThreshold {
  organizationId: string;
  meterId: string;
  customerId?: string | null;
  units?: string | null;
  percent?: string | null;
}

/** Wants to hear when balances of a meter reach a level, of one customer or of all. */
export async function create(tx: Tx, input: NewThreshold): Promise<CreditThreshold> {
  const { organizationId, meterId, customerId = null, units = null, percent = null } = input;
  if ((units === null) === (percent === null)) throw new InvalidInputError('Give either units or percent.', ['units']);
  if (units !== null && parseUnits(units) < 0n) throw new InvalidInputError('It may not be negative.', ['units']);
  if (percent !== null && (parseUnits(percent) <= 0n || parseUnits(percent) > wholeUnits(100)))
    throw new InvalidInputError('It lies above 0 and is at most 100.', ['percent']);
  await checkMeter(tx, { organizationId, meterId });
  return tx.db.creditThreshold.create({
    data: {
      id: newId('creditThreshold', tx.now),
      organizationId,
      meterId,
      customerId,
      units,
      percent,
      createdAt: tx.now,
    },
  });
}

/** Does not want to hear of it any more. */
export async function remove(tx: Tx, where: { organizationId: string; id: string }): Promise<void> {
  const { count } = await tx.db.creditThreshold.deleteMany({ where });
  if (count === 0) throw new NotFoundError('threshold', ['id']);
}
