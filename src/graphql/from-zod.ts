import type { z } from 'zod';
import type { Builder } from './builder.ts';
import type { Context } from './context.ts';
import type { Rows } from './reads/rows.ts';

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
          const field = t.field({
            type: outputType(facts) as 'String',
            nullable: facts.nullable,
            description: facts.description,
            resolve: (parent, _args, context) => {
              guard?.(context);
              const value = read(parent as Parent)[key] ?? facts.fallback ?? null;
              return (facts.reference ? follow(context, facts.reference, value) : value) as string;
            },
          });
          return [facts.reference ? key.replace(/Id(s?)$/, '$1') : key, field];
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

const references = new WeakMap<z.ZodObject, { key: string; noun: keyof Rows }[]>();

/** The fields of a shape that name nouns. */
export function referencesOf(shape: z.ZodObject) {
  const known =
    references.get(shape) ??
    Object.entries(shape.shape).flatMap(([key, schema]) => {
      const { reference, element } = inspect(schema as z.core.$ZodType);
      const noun = reference ?? element?.reference;
      return noun ? [{ key, noun }] : [];
    });
  references.set(shape, known);
  return known;
}

/** What is said about a field, in its wrappers and in its core. */
interface Facts {
  description?: string;
  typeDescription?: string;
  id: string;
  scalar: string;
  reference?: keyof Rows;
  shape?: z.ZodObject;
  values?: Record<string, string | undefined>;
  element?: Facts;
  /** What an absent value means. */
  fallback?: unknown;
  /** In an answer. */
  nullable: boolean;
  /** In an input. */
  required: boolean;
}

type Definition = z.core.$ZodTypes['_zod']['def'];

function inspect(schema: z.core.$ZodType): Facts {
  const definition = schema._zod.def as Definition;
  const said: Said = (schema as z.ZodType).meta() ?? {};
  const core = inspectCore(definition, said);
  if (said.description) core.description = said.description;
  return said.id ? { ...core, id: said.id, typeDescription: said.description } : core;
}

/** What `.meta()` can say. */
interface Said {
  id?: string;
  description?: string;
  /** Of an enum: what each value means. */
  values?: Record<string, string>;
  scalar?: string;
  reference?: keyof Rows;
}

function inspectCore(definition: Definition, said: Said): Facts {
  const base = { id: '', nullable: false, required: true };
  switch (definition.type) {
    case 'optional':
    case 'nullable':
      return { ...inspect(definition.innerType), nullable: true, required: false };
    case 'default':
    case 'prefault':
      return { ...inspect(definition.innerType), nullable: false, required: false, fallback: definition.defaultValue };
    case 'readonly':
    case 'nonoptional':
      return inspect(definition.innerType);
    case 'pipe':
      return inspect(definition.in._zod.def.type === 'transform' ? definition.out : definition.in);
    case 'array':
      return { ...base, scalar: '', element: inspect(definition.element) };
    case 'object':
      return { ...base, scalar: '', shape: { shape: definition.shape } as z.ZodObject };
    case 'enum':
      return {
        ...base,
        scalar: '',
        values: Object.fromEntries(Object.values(definition.entries).map((value) => [value, said.values?.[value]])),
      };
    default:
      return { ...base, scalar: said.scalar ?? scalarOf(definition), reference: said.reference };
  }
}

function scalarOf(definition: Definition): string {
  switch (definition.type) {
    case 'string':
      return 'String';
    case 'number':
      return isWhole(definition) ? 'Int' : 'Float';
    case 'boolean':
      return 'Boolean';
    case 'date':
      return 'DateTime';
    case 'bigint':
      return 'BigInt';
    case 'record':
    case 'unknown':
      return 'JSON';
    default:
      throw new Error(`A kind cannot state a ${definition.type}.`);
  }
}

const isWhole = ({ checks = [], ...definition }: z.core.$ZodNumberDef): boolean =>
  [definition, ...checks.map((check) => check._zod.def)].some(
    (said) => 'format' in said && String(said.format).includes('int'),
  );

/** A list is described by its field; its elements by themselves. */
const inherit = ({ element }: Facts): Facts => element as Facts;

function follow(context: Context, noun: keyof Rows, value: unknown): unknown {
  if (Array.isArray(value)) return Promise.all(value.map((id) => context.loaders.existing(noun, id)));
  return value === null ? null : context.loaders.existing(noun, String(value));
}

const asItIs = (parent: object): Json => parent as Json;
