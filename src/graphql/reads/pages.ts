import type { Page } from '../page.ts';
import { type Asks, columnsOf, type Rows, SOURCES } from './rows.ts';

interface Relation {
  table: keyof Rows;
  /** The column, or expression over the row, that names the parent. */
  parent: string;
  /** The row's place among its siblings; the last expression tells any two apart. */
  order: readonly string[];
  newestFirst?: boolean;
  where?: string;
  /** Joined to the row, when parent or order need it. */
  join?: string;
}

/** A grant's reasons in the order they came, and within each the order of the product. */
const BY_SOURCE = `substr(coalesce(t."subscriptionId", t."orderId", t."manualGrantId"), 5)`;

/** The children that are listed under many parents at once, however many parents, by one statement. */
export const RELATIONS = {
  customersOfOrganization: { table: 'Customer', parent: 't."organizationId"', order: ['t.id'], newestFirst: true },
  grantsOfCustomer: { table: 'BenefitGrant', parent: 't."customerId"', order: [BY_SOURCE, 't.position', 't.id'] },
  grantsOfSubscription: { table: 'BenefitGrant', parent: 't."subscriptionId"', order: ['t.position', 't.id'] },
  grantsOfOrder: { table: 'BenefitGrant', parent: 't."orderId"', order: ['t.position', 't.id'] },
  subscriptionsOfCustomer: { table: 'Subscription', parent: 't."customerId"', order: ['t.id'], newestFirst: true },
  activationsOfLicenseKey: {
    table: 'LicenseActivation',
    parent: 't."licenseKeyId"',
    order: ['t."createdAt"', 't.id'],
    where: 't."deactivatedAt" IS NULL',
  },
  benefitsOfProduct: {
    table: 'Benefit',
    parent: 'list."productId"',
    order: ['list.position', 't.id'],
    join: 'JOIN "ProductBenefit" list ON list."benefitId" = t.id',
  },
  balancesOfCustomer: { table: 'MeterBalance', parent: 't."customerId"', order: ['t.id'] },
  entriesOfBalance: { table: 'CreditEntry', parent: 't."balanceId"', order: ['t.sequence'], newestFirst: true },
  historyOfLicenseKey: { table: 'Event', parent: 't."subjectId"', order: ['t.sequence'], newestFirst: true },
  historyOfGrant: { table: 'Event', parent: 't."subjectId"', order: ['t.sequence'], newestFirst: true },
} as const satisfies Record<string, Relation>;

export type RelationName = keyof typeof RELATIONS;
export type Child<Name extends RelationName> = Rows[(typeof RELATIONS)[Name]['table']];

export interface Statement {
  name: string;
  /** Its first value are the parents' ids. */
  text: string;
  others: readonly string[];
}

/** Reads a page under each parent, and the row after it; `null` reads all there are. */
export function pageStatement(name: RelationName, page: Page | null, asks: Asks): Statement {
  const relation: Relation = RELATIONS[name];
  const { columns, called } = columnsOf(relation.table, asks);
  const place = `(${relation.order.join(', ')})`;
  const beyond = relation.newestFirst ? '<' : '>';
  const after =
    page?.after != null
      ? `AND ${place} ${beyond} (SELECT ${relation.order.join(', ')} FROM ${fromOf(relation)} WHERE t.id = $3)`
      : '';
  const limit = page ? 'LIMIT $2' : '';
  return {
    name: `${called}${name} ${page ? 'page' : 'all'}${after && ' after'}`,
    text: `SELECT p.id AS "parentId", c.* FROM unnest($1::text[]) AS p(id) CROSS JOIN LATERAL (
      SELECT ${columns} FROM ${fromOf(relation)} WHERE ${childOf(relation)} ${after} ORDER BY ${orderOf(relation)} ${limit}) c`,
    others: page ? [String(page.limit + 1), ...(page.after != null ? [page.after] : [])] : [],
  };
}

export function countStatement(name: RelationName): Statement {
  const relation: Relation = RELATIONS[name];
  return {
    name: `${name} count`,
    text: `SELECT p.id AS "parentId", (SELECT count(*)::int FROM ${fromOf(relation)} WHERE ${childOf(relation)}) AS count
      FROM unnest($1::text[]) AS p(id)`,
    others: [],
  };
}

const orderOf = ({ order, newestFirst }: Pick<Relation, 'order' | 'newestFirst'>): string =>
  order.map((expression) => `${expression} ${newestFirst ? 'DESC' : 'ASC'}`).join(', ');

const fromOf = ({ table, join = '' }: Relation): string => `${SOURCES[table].from} ${join}`;

const childOf = ({ parent, where }: Relation): string => `${parent} = p.id${where ? ` AND ${where}` : ''}`;
