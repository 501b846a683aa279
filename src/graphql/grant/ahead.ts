import { type GraphQLResolveInfo, getArgumentValues, isObjectType } from 'graphql';
import { readPage } from '../page.ts';
import type { GrantsAhead } from '../reads/ahead.ts';
import { RARE_FIELDS } from '../reads/rows.ts';
import { fieldsAt, mentions } from '../selection.ts';

/** What will be asked of customers' grants at the end of `path`; null when nothing is, or nothing that can be foreseen. */
export function grantsAhead(info: GraphQLResolveInfo, path: readonly string[]): GrantsAhead | null {
  const { fragments, fieldNodes, schema, variableValues } = info;
  const [node, ...others] = fieldsAt(fieldNodes, fragments, path);
  const customer = schema.getType('Customer');
  const field = isObjectType(customer) ? customer.getFields().grants : undefined;
  if (!node || !field || others.length > 0) return null;
  try {
    const page = readPage(getArgumentValues(field, node, variableValues));
    const deliveries = mentions(node, fragments, 'delivery');
    const benefits = deliveries || mentions(node, fragments, 'benefit') || mentions(node, fragments, 'instructions');
    const lean = !RARE_FIELDS.some((name) => mentions(info.operation, fragments, name));
    return page.after === null ? { page, benefits, deliveries, lean } : null;
  } catch {
    // What is wrong with the arguments is said where they stand.
    return null;
  }
}
