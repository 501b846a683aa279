import { defaultFieldResolver, type GraphQLSchema, isObjectType } from 'graphql';
import { goOn } from '../lib/soon.ts';
import { checkWellFormed } from '../lib/well-formed.ts';
import type { Context } from './context.ts';
import { readCursorFirst } from './cursor-first.ts';
import { asksOf } from './selection.ts';

/**
 * What holds for every field, whoever writes it: arguments that no database could keep are refused before anything is
 * done with them, queries and live streams read no more of a row than they ask for, and a live cursor is read before
 * everything else in its query. Mutations do all this by themselves.
 */
export function guard(schema: GraphQLSchema): GraphQLSchema {
  const mutations = schema.getMutationType();
  const queries = schema.getQueryType();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type === mutations || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      const { resolve = defaultFieldResolver, subscribe } = field;
      if (type === queries) {
        field.resolve = (root, args, context: Context, info) => {
          checkWellFormed(args);
          context.loaders.asks = asksOf(info);
          return goOn(readCursorFirst(context, info), () => resolve(root, args, context, info));
        };
      } else if (subscribe) {
        field.subscribe = (root, args, context: Context, info) => {
          checkWellFormed(args);
          context.loaders.asks = asksOf(info);
          return subscribe(root, args, context, info);
        };
      } else if (field.args.length > 0) {
        field.resolve = (parent, args, context, info) => {
          checkWellFormed(args);
          return resolve(parent, args, context, info);
        };
      }
    }
  }
  return schema;
}
