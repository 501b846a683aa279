import { expect } from 'vitest';
import { audit } from '../../src/domain/credits/audit.ts';
import { passTime, requestDue } from '../../src/domain/credits/due.ts';
import * as holds from '../../src/domain/credits/holds.ts';
import { balanceThen } from '../../src/domain/credits/past.ts';
import { balancesOf } from '../../src/domain/credits/reading.ts';
import { BALANCE_COLUMNS, type BalanceRow } from '../../src/domain/credits/rows.ts';
import * as spending from '../../src/domain/credits/spending.ts';
import * as thresholds from '../../src/domain/credits/thresholds.ts';
import * as meters from '../../src/domain/meters/meters.ts';
import { ingest } from '../../src/domain/usage/ingestion.ts';
import { formatUnits } from '../../src/lib/units.ts';
import type { House } from './house.ts';
import { merchantOf } from './merchant.ts';

/** What is done with credits in a house, each in a transaction of its own. */
export function creditsOf(house: House) {
  const { transaction, organizationId, database, prisma } = house;
  const merchant = merchantOf(house);
  /** Every meter looks at a property of its own, so that no usage counts for two. */
  const properties = new Map<string, string>();
  const meter = async () => {
    const property = `calls${properties.size + 1}`;
    const aggregation = { function: 'SUM' as const, property };
    const { id } = await transaction((tx) => meters.create(tx, { organizationId, name: 'API calls', aggregation }));
    properties.set(id, property);
    return id;
  };
  const balanceRow = async (customerId: string, meterId: string) => {
    const [row] = await database.read<BalanceRow>(
      'test balance',
      `SELECT ${BALANCE_COLUMNS} FROM "CreditBalance" t WHERE "customerId" = $1 AND "meterId" = $2`,
      [customerId, meterId],
    );
    if (!row) throw new Error('There is no such balance.');
    return row;
  };
  return {
    meter,
    balanceRow,
    benefit: (meterId: string, units: number, some: object = {}) =>
      house.benefit('meter_credit', { meterId, units, priority: 0, ...some }),
    /** A new customer whose subscription gives so many credits of a new meter. */
    async subscriber(units: number, some: object = {}, facts: Parameters<typeof merchant.subscriber>[1] = {}) {
      const meterId = await meter();
      const benefit = await house.benefit('meter_credit', { meterId, units, priority: 0, ...some });
      const sold = await merchant.subscriber([benefit.id], facts);
      await house.settle(sold.customer.id);
      return { meterId, benefit, ...sold };
    },
    use: (customerId: string, meterId: string, calls: number) =>
      transaction((tx) =>
        ingest(tx, {
          organizationId,
          events: [
            { name: 'call', customer: { id: customerId }, metadata: { [properties.get(meterId) ?? '']: calls } },
          ],
        }),
      ),
    consume: (customerId: string, meterId: string, units: string) =>
      house.consumeCredits({ organizationId, customer: { id: customerId }, meterId, units }),
    topUp: (customerId: string, meterId: string, units: string, some: { expiresAt?: Date; priority?: number } = {}) =>
      transaction((tx) => spending.topUp(tx, { organizationId, customerId, meterId, units, ...some })),
    adjust: (customerId: string, meterId: string, units: string, note: string) =>
      transaction((tx) => spending.adjust(tx, { organizationId, customerId, meterId, units, note })),
    hold: (customerId: string, meterId: string, units: string, expiresAt?: Date) =>
      transaction((tx) =>
        holds.place(tx, { organizationId, customerId, meterId, units, ...(expiresAt && { expiresAt }) }),
      ),
    commit: (id: string, units?: string) =>
      transaction((tx) => holds.commit(tx, { organizationId, id, ...(units && { units }) })),
    release: (id: string) => transaction((tx) => holds.release(tx, { organizationId, id })),
    threshold: (meterId: string, level: { units?: string; percent?: string }) =>
      transaction((tx) => thresholds.create(tx, { organizationId, meterId, ...level })),
    /** What the clock would have done by now. */
    async tick() {
      await transaction((tx) => requestDue(tx));
      const due = await prisma.creditBalance.findMany({ select: { customerId: true, meterId: true } });
      for (const named of due) await transaction((tx) => passTime(tx, named));
    },
    /** `credited - consumed = balance`, as the clock has it. */
    async show(customerId: string): Promise<string> {
      const [only] = (await transaction((tx) => balancesOf(tx, [customerId]))).get(customerId) ?? [];
      return only ? `${only.credited} - ${only.consumed} = ${only.balance}` : 'nothing';
    },
    async at(customerId: string, meterId: string, at: Date): Promise<string> {
      return formatUnits((await balanceThen(database, await balanceRow(customerId, meterId), at)).balance);
    },
    told: async (customerId: string) =>
      (await house.events({ customerId })).filter((type) => type.startsWith('credit_balance.')),
    /** Nothing disagrees: neither the ledgers nor the usage itself. */
    expectAgreement: async () => expect(await audit(database)).toEqual([]),
  };
}

export type Credits = ReturnType<typeof creditsOf>;
