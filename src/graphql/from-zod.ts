import type { z } from 'zod';
import type { Builder } from './builder.ts';
import { type Context, requireMerchant } from './context.ts';
import type { Rows } from './reads/rows.ts';
import { type Facts, inspect } from './zod-facts.ts';

type Json = Record<string, unknown>;

export interface OutputOptions<Parent> {
  /** Where in the parent the values are. */
  read?: (parent: Parent) => Json;
  /** Throws for whoever may not see these fields. */
  guard?: (context: Context) => void;
}

export type ZodTypes = ReturnType<typeof openZodTypes>;

/**
 * Turns what a kind states in zod into types of the API: strings, numbers, booleans, dates, enums, objects, lists of
 * them, and references to nouns. Objects and enums are named by `.meta({ id })`; one that is named twice is one type.
 */
export function openZodTypes(builder: Builder) {
  const known = new Set<string>();
  const once = (name: string, define: () => void): string => {
    if (!known.has(name)) {
      known.add(name);
      define();
    }
    return name;
  };

  /** The fields of an object type that shows `shape`. */
  function outputFields<Parent extends object>(
    shape: z.ZodObject,
    { read = asItIs, guard }: OutputOptions<Parent> = {},
  ) {
    return (t: PothosSchemaTypes.ObjectFieldBuilder<Builder['$inferSchemaTypes'], Parent>) =>
      Object.fromEntries(
        Object.entries(shape.shape).map(([key, schema]) => {
          const facts = inspect(schema as z.core.$ZodType);
          const noun = facts.reference ?? facts.element?.reference;
          const field = t.field({
            type: outputType(facts) as 'String',
            nullable: facts.nullable,
            description: facts.description,
            resolve: (parent, _args, context) => {
              guard?.(context);
              if (facts.scope && context.viewer.is !== 'customer') requireMerchant(context, facts.scope);
              const value = read(parent as Parent)[key] ?? facts.fallback ?? null;
              return (noun ? follow(context, noun, value) : value) as string;
            },
          });
          return [noun ? key.replace(/Id(s?)$/, '$1') : key, field];
        }),
      );
  }

  /** The fields of an input type that takes `shape`. */
  function inputFields(shape: z.ZodObject) {
    return (t: PothosSchemaTypes.InputFieldBuilder<Builder['$inferSchemaTypes'], 'InputObject'>) =>
      Object.fromEntries(
        Object.entries(shape.shape).map(([key, schema]) => {
          const facts = inspect(schema as z.core.$ZodType);
          const plain = typeof facts.fallback !== 'object' ? facts.fallback : undefined;
          const field = t.field({
            type: inputType(facts) as 'String',
            required: facts.required,
            description: facts.description,
            ...(plain !== undefined && { defaultValue: plain as string }),
          });
          return [key, field];
        }),
      );
  }

  function outputType(facts: Facts): string | [string] {
    if (facts.element) return [outputType(inherit(facts)) as string];
    if (facts.reference) return facts.reference;
    if (facts.shape) return defineObject(facts, facts.shape);
    return facts.values ? defineEnum(facts, facts.values) : facts.scalar;
  }

  function inputType(facts: Facts): string | [string] {
    if (facts.element) return [inputType(inherit(facts)) as string];
    if (facts.reference) return 'ID';
    if (facts.shape) return defineInput(facts, facts.shape);
    return facts.values ? defineEnum(facts, facts.values) : facts.scalar;
  }

  const defineObject = (facts: Facts, shape: z.ZodObject) =>
    once(facts.id, () => {
      builder
        .objectRef<Json>(facts.id)
        .implement({ description: facts.typeDescription, fields: outputFields<Json>(shape) as never });
    });

  const defineInput = (facts: Facts, shape: z.ZodObject) =>
    once(`${facts.id}Input`, () => {
      builder.inputType(`${facts.id}Input`, {
        description: facts.typeDescription,
        fields: inputFields(shape) as never,
      });
    });

  const defineEnum = (facts: Facts, values: Record<string, string | undefined>) =>
    once(facts.id, () => {
      const entries = Object.entries(values).map(([value, description]) => [
        value.toUpperCase(),
        { value, description },
      ]);
      builder.enumType(facts.id, { description: facts.typeDescription, values: Object.fromEntries(entries) });
    });

  return { outputFields, inputFields };
}

/** A list is described by its field; its elements by themselves. */
const inherit = ({ element }: Facts): Facts => element as Facts;

function follow(context: Context, noun: keyof Rows, value: unknown): unknown {
  if (Array.isArray(value)) return Promise.all(value.map((id) => context.loaders.existing(noun, id)));
  return value === null ? null : context.loaders.existing(noun, String(value));
}

const asItIs = (parent: object): Json => parent as Json;
