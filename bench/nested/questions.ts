/** What is asked, in the words of one schema. */
export interface Documents {
  /** About one customer, by `$id`. */
  one: string;
  /** About twenty customers, after `$after`, newest first. */
  many: string;
}

export const IN_BOON = documents({
  one: 'query ($id: ID!) { customer(by: { id: $id }) { ...Held } }',
  many: `query ($after: String) {
    customers(first: 20, after: $after) { pageInfo { endCursor } edges { node { ...Held } } }
  }`,
  held: `fragment Held on Customer {
    id
    email
    name
    grants(first: 5) { edges { node {
      id
      state
      position
      benefit { id description }
      delivery { ... on LicenseKeysDelivery { licenseKey { id displayKey key } } }
    } } }
  }`,
});

/** The same without `delivery` between a grant and its key: a database has no name for it. */
export const IN_POSTGRAPHILE = documents({
  one: 'query ($id: String!) { customer: customerByRowId(rowId: $id) { ...Held } }',
  many: `query ($after: Cursor) {
    customers: allCustomers(first: 20, after: $after, orderBy: [PRIMARY_KEY_DESC]) {
      pageInfo { endCursor }
      edges { node { ...Held } }
    }
  }`,
  held: `fragment Held on Customer {
    id: rowId
    email
    name
    grants: benefitGrantsByCustomerId(first: 5, orderBy: [POSITION_ASC]) { edges { node {
      id: rowId
      state
      position
      benefit: benefitByBenefitId { id: rowId description }
      licenseKey: licenseKeyByGrantId { id: rowId displayKey key }
    } } }
  }`,
});

function documents({ one, many, held }: Documents & { held: string }): Documents {
  return { one: `${one} ${held}`, many: `${many} ${held}` };
}
