import type { z } from 'zod';
import type { Scope } from '../domain/access-tokens.ts';
import type { Rows } from './reads/rows.ts';

/** What is said about a field, in its wrappers and in its core. */
export interface Facts {
  description?: string;
  typeDescription?: string;
  id: string;
  scalar: string;
  reference?: keyof Rows;
  /** What a merchant's token needs to be answered. */
  scope?: Scope;
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

type Definition = z.core.$ZodTypes['_zod']['def'];

/** What a schema says, whatever it is wrapped in. */
export function inspect(schema: z.core.$ZodType): Facts {
  const definition = schema._zod.def as Definition;
  const said: Said = (schema as z.ZodType).meta() ?? {};
  const core = inspectCore(definition, said);
  if (said.description) core.description = said.description;
  if (said.scope) {
    core.scope = said.scope;
    core.description += ` Merchants need the scope \`${said.scope}\` for it.`;
  }
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
  scope?: Scope;
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
