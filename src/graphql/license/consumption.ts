import type { ConsumptionAnswer } from '../../domain/licenses/consumption.ts';
import { checkWellFormed } from '../../lib/well-formed.ts';
import type { Builder } from '../builder.ts';
import { pointInto } from '../errors.ts';
import { admit, noteMiss } from './admission.ts';

/** Takes units of a license's usage, without any token. Always an answer: a refused license is no error. */
export function defineConsumption(builder: Builder): void {
  const input = builder.inputType('ConsumeLicenseKeyInput', {
    description: 'What consumeLicenseKey takes.',
    fields: (t) => ({
      key: t.string({
        required: true,
        description: 'The key, as it was typed: case, spaces and dashes do not matter.',
      }),
      organizationId: t.id({ description: 'When given, the key must be of this organization.' }),
      units: t.int({ required: true, description: 'How many units to take; at least 1.' }),
      idempotencyKey: t.string({
        description: 'Makes repeating this call safe: the same key answers the same and takes the units once.',
      }),
      activationId: t.id({ description: 'The activation of the machine that asks.' }),
      fingerprint: t.string({ description: 'What the application knows the machine by.' }),
      conditions: t.field({ type: 'Metadata', description: 'All that the activation was bound to.' }),
    }),
  });
  const answer = builder.objectRef<ConsumptionAnswer>('LicenseConsumption').implement({
    description: 'Whether units of a license were taken, and why not.',
    fields: (t) => ({
      valid: t.exposeBoolean('valid', { description: 'Whether these units were taken.' }),
      code: t.expose('code', {
        type: 'LicenseValidationCode',
        description: 'VALID, or the first reason that applies.',
      }),
      usage: t.exposeInt('usage', {
        nullable: true,
        description: 'How many units are used by now; null when the key is not found.',
      }),
      limitUsage: t.exposeInt('limitUsage', {
        nullable: true,
        description: 'How many units it has; null: without limit.',
      }),
    }),
  });

  builder.mutationField('consumeLicenseKey', (t) =>
    t.field({
      type: answer,
      nullable: true,
      description:
        'Takes units of a license’s usage: never more than its limit, however many ask at once. Needs no token.',
      args: { input: t.arg({ type: input, required: true, description: 'What to take.' }) },
      resolve: async (_root, args, context) => {
        checkWellFormed(args);
        const { conditions, ...wish } = args.input;
        await admit(context, wish.key);
        const wanted = context.licenses.consume({ ...wish, conditions: conditions as never });
        const answer = await wanted.catch(pointInto('input'));
        if (answer.code === 'NOT_FOUND') noteMiss(context);
        return answer;
      },
    }),
  );
}
