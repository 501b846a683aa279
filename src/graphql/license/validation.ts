import { LONGEST_NONCE } from '../../domain/licenses/receipt.ts';
import type { Answer } from '../../domain/licenses/validation.ts';
import { checkIfAny, checkMetadata } from '../../lib/checks.ts';
import { goOn } from '../../lib/soon.ts';
import type { Builder } from '../builder.ts';
import { badUserInput } from '../errors.ts';
import { admit, noteMiss } from './admission.ts';
import { defineValidationAnswer } from './validation-answer.ts';

/** Why a license key is refused, in the order in which the reasons are given; the API's own words for each. */
const CODES = {
  VALID: 'It may be used.',
  NOT_FOUND: 'There is no such key, or not in this organization.',
  REVOKED: 'The customer is no longer entitled to it.',
  DISABLED: 'The merchant has switched it off.',
  EXPIRED: 'Its time is over.',
  BENEFIT_MISMATCH: 'It belongs to another benefit than the one named.',
  CUSTOMER_MISMATCH: 'It belongs to another customer than the one named.',
  ACTIVATION_REQUIRED: 'It is good only for machines that were activated, and none was named.',
  ACTIVATION_NOT_FOUND: 'The activation that was named is not one of its own, or was deactivated.',
  CONDITIONS_MISMATCH: 'The activation was bound to other conditions.',
  USAGE_EXCEEDED: 'All of its units are used.',
} satisfies Record<Answer['code'], string>;

/** The question shipped applications ask, without any token. Always an answer: a refused license is no error. */
export function defineValidation(builder: Builder): void {
  const values = Object.fromEntries(Object.entries(CODES).map(([code, description]) => [code, { description }]));
  builder.enumType('LicenseValidationCode', {
    description: 'What a validation found.',
    values: values as Record<Answer['code'], object>,
  });

  const input = builder.inputType('ValidateLicenseKeyInput', {
    description: 'The key, and what whoever asks says about their situation.',
    fields: (t) => ({
      key: t.string({
        required: true,
        description: 'The key, as it was typed: case, spaces and dashes do not matter.',
      }),
      organizationId: t.id({ description: 'When given, the key must be of this organization.' }),
      activationId: t.id({ description: 'The activation of the machine that asks.' }),
      fingerprint: t.string({ description: 'What the application knows the machine by.' }),
      conditions: t.field({ type: 'Metadata', description: 'All that the activation was bound to.' }),
      benefitId: t.id({ description: 'When given, the key must be of this benefit.' }),
      customerId: t.id({ description: 'When given, the key must be this customer’s.' }),
      nonce: t.string({
        description: `Something random of the caller’s, at most ${LONGEST_NONCE} characters: asks for a signed answer.`,
      }),
    }),
  });
  const answer = defineValidationAnswer(builder);

  builder.queryField('validateLicenseKey', (t) =>
    t.field({
      type: answer,
      nullable: true,
      description:
        'Whether a license key may be used; one that may not is an answer as well. Needs no token. Without one 10 calls a second are taken of a key, in bursts of 50, and 50 of an address, in bursts of 100; more are RATE_LIMITED.',
      args: { input: t.arg({ type: input, required: true, description: 'The question.' }) },
      resolve: (_root, { input: { conditions, nonce, ...question } }, context) => {
        if (nonce && nonce.length > LONGEST_NONCE) throw badUserInput('It is too long.', ['input', 'nonce']);
        const said = checkIfAny(conditions, (value) => checkMetadata(value, ['input', 'conditions']));
        const judge = () => context.licenses.validate({ ...question, conditions: said });
        return goOn(goOn(admit(context, question.key), judge), (answer) => {
          if (answer.code === 'NOT_FOUND') noteMiss(context);
          return nonce ? { ...answer, asked: { key: question.key, nonce } } : answer;
        });
      },
    }),
  );
}
