import { type GraphQLSchema, isObjectType } from 'graphql';
import type { Scope } from '../domain/access-tokens.ts';

/** Adds to what is said of each field who may ask for it: said where it is checked, it cannot say something else. */
export function describeRights(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const { authScopes } = (field.extensions.pothosOptions ?? {}) as { authScopes?: Rights };
      if (authScopes) field.description = `${field.description} ${told(authScopes)}`;
    }
  }
  return schema;
}

interface Rights {
  scope?: Scope;
  customer?: boolean;
}

function told({ scope, customer }: Rights): string {
  if (!scope) return 'For customer sessions.';
  return `For tokens with the scope \`${scope}\`${customer ? ', and for customer sessions' : ''}.`;
}
