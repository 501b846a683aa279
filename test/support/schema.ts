import type { GraphQLSchema } from 'graphql';
import type { Kind } from '../../src/benefits/kind.ts';
import { buildSchema } from '../../src/graphql/schema.ts';

const built = new WeakMap<readonly Kind[], GraphQLSchema>();

/** The API of these kinds, built once in a process: whatever is asked of it leaves it as it is. */
export function schemaOf(kinds: readonly Kind[]): GraphQLSchema {
  const known = built.get(kinds) ?? buildSchema(kinds);
  built.set(kinds, known);
  return known;
}
