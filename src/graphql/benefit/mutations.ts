import { inspectProperties, parseProperties } from '../../benefits/catalog.ts';
import type { Kind } from '../../benefits/kind.ts';
import type { Means } from '../../benefits/means.ts';
import * as benefits from '../../domain/benefits.ts';
import { ConflictError, InvalidInputError, isBrokenRule } from '../../lib/errors.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import type { Builder } from '../builder.ts';
import type { PayloadBuilder } from '../declaration.ts';
import type { ZodTypes } from '../from-zod.ts';
import { defineMutation } from '../mutation.ts';
import { inputKeyOf, typeValueOf } from './kinds.ts';

export function defineBenefitMutations(builder: Builder, kinds: readonly Kind[], zodTypes: ZodTypes): void {
  definePropertiesInput(builder, kinds, zodTypes);

  defineMutation(builder, {
    name: 'createBenefit',
    description: 'Makes a benefit. Its kind is the one whose properties are given.',
    scope: 'benefits:write',
    creates: true,
    input: (t) => ({
      description: t.string({ required: true, description: 'What customers read of it; at most 500 characters.' }),
      metadata: t.field({ type: 'Metadata', description: 'Whatever the merchant wants to note.' }),
      properties: t.field({ type: 'BenefitPropertiesInput', required: true, description: 'What is promised.' }),
    }),
    prepare: async (input, { means }) => ({ ...input, properties: await inspected(kinds, means, input.properties) }),
    run: async (tx, input, { means }) => {
      const { kind, properties } = await readProperties(tx, kinds, means, input);
      return { id: (await benefits.create(tx, { ...input, type: kind.type, properties })).id };
    },
    payload: (t) => ({ benefit: benefitField(t) }),
  });

  defineMutation(builder, {
    name: 'updateBenefit',
    description:
      'Changes a benefit. Absent keeps, null clears. New properties are delivered again to everyone who holds it, in the background.',
    scope: 'benefits:write',
    keeps: ['description', 'properties'],
    input: (t) => ({
      id: t.id({ required: true, description: 'The benefit.' }),
      description: t.string({ description: 'What customers read of it; at most 500 characters.' }),
      metadata: t.field({ type: 'Metadata', description: 'Replaces all that was noted.' }),
      properties: t.field({
        type: 'BenefitPropertiesInput',
        description: 'Replaces all of its properties; they must be of its kind.',
      }),
    }),
    prepare: async (input, { means }) =>
      input.properties ? { ...input, properties: await inspected(kinds, means, input.properties) } : input,
    run: async (tx, { properties: given, ...input }, { means }) => {
      if (!given) return { id: (await benefits.update(tx, input)).id };
      const before = await benefits.find(tx, input);
      const { kind, properties } = await readProperties(tx, kinds, means, { ...input, properties: given });
      if (kind.type !== before.type) {
        throw new ConflictError(`It is of the kind ${before.type.toUpperCase()}, and that never changes.`, [
          'properties',
          inputKeyOf(kind),
        ]);
      }
      return { id: (await benefits.update(tx, { ...input, properties })).id };
    },
    payload: (t) => ({ benefit: benefitField(t) }),
  });

  defineMutation(builder, {
    name: 'deleteBenefit',
    description:
      'Takes a benefit off every product and, in the background, from everyone who holds it. Twice is harmless.',
    scope: 'benefits:write',
    input: (t) => ({ id: t.id({ required: true, description: 'The benefit.' }) }),
    run: async (tx, input) => ({ id: (await benefits.remove(tx, input)).id }),
    payload: (t) => ({ benefit: benefitField(t) }),
  });
}

function definePropertiesInput(builder: Builder, kinds: readonly Kind[], zodTypes: ZodTypes): void {
  const inputs = kinds.map((kind) => ({
    kind,
    input: builder.inputType(`${kind.name}PropertiesInput`, {
      description: kind.description,
      fields: zodTypes.inputFields(kind.properties),
    }),
  }));
  builder.inputType('BenefitPropertiesInput', {
    description: 'What a merchant configures: the properties of one kind.',
    isOneOf: true,
    fields: (t) =>
      Object.fromEntries(
        inputs.map(({ kind, input }) => [
          inputKeyOf(kind),
          t.field({ type: input, description: `Makes it ${typeValueOf(kind)}.` }),
        ]),
      ) as never,
  });
}

/** Which kind is meant and what is configured, checked by the kind; its mistakes are told where they stand in the input. */
async function readProperties(
  tx: Tx,
  kinds: readonly Kind[],
  means: Means,
  given: { organizationId: string; properties: Record<string, unknown> },
) {
  const kind = kindMeant(kinds, given.properties);
  const properties = withoutNulls(given.properties[inputKeyOf(kind)]);
  return { kind, properties: await told(kind, () => parseProperties(tx, kind, { ...given, properties }, means)) };
}

/** The same input, with what third parties had to be asked about it. */
async function inspected(kinds: readonly Kind[], means: Means, properties: Record<string, unknown>) {
  const kind = kindMeant(kinds, properties);
  const key = inputKeyOf(kind);
  return { [key]: await told(kind, () => inspectProperties(kind, withoutNulls(properties[key]), means)) };
}

function kindMeant(kinds: readonly Kind[], properties: Record<string, unknown>): Kind {
  const kind = kinds.find((candidate) => properties[inputKeyOf(candidate)]);
  if (!kind) throw new InvalidInputError('Name one kind.', ['properties']);
  return kind;
}

/** What is wrong is told where it stands in the input. */
async function told<Found>(kind: Kind, work: () => Promise<Found>): Promise<Found> {
  try {
    return await work();
  } catch (error) {
    if (!isBrokenRule(error)) throw error;
    const path = ['properties', inputKeyOf(kind), ...error.path];
    throw error instanceof ConflictError
      ? new ConflictError(error.message, path)
      : new InvalidInputError(error.message, path);
  }
}

/** A property that is null is one that is not there, at every depth. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, entry]) => entry !== null)
      .map(([key, entry]) => [key, withoutNulls(entry)]),
  );
}

const benefitField = <Answer extends { id: string }>(t: PayloadBuilder<Answer>) =>
  t.field({
    type: 'Benefit',
    description: 'As it is now.',
    resolve: ({ id }, _args, { loaders }) => loaders.existing('Benefit', id),
  });
