import { type Explanation, explainAt } from '../../domain/licenses/explanation.ts';
import { checkIfAny, checkMetadata } from '../../lib/checks.ts';
import type { Builder } from '../builder.ts';
import { organizationOf } from '../context.ts';

/** Why a license is refused, or would be. */
export function defineExplanation(builder: Builder): void {
  const reason = builder.objectRef<Explanation['reasons'][number]>('LicenseRefusalReason').implement({
    description: 'One reason for which a license is refused.',
    fields: (t) => ({
      code: t.expose('code', { type: 'LicenseValidationCode', description: 'As a validation gives it.' }),
      message: t.exposeString('message', { description: 'The same in words.' }),
    }),
  });
  const explanation = builder.objectRef<Explanation>('LicenseExplanation').implement({
    description: 'What a validation would find.',
    fields: (t) => ({
      at: t.expose('at', { type: 'DateTime', description: 'At what time.' }),
      valid: t.exposeBoolean('valid', { description: 'Whether it may be used then.' }),
      reasons: t.field({
        type: [reason],
        description: 'Every reason against it, the most decisive first.',
        resolve: ({ reasons }) => reasons,
      }),
    }),
  });
  const input = builder.inputType('ExplainLicenseKeyInput', {
    description: 'The license, a time, and what an application would say about its situation.',
    fields: (t) => ({
      id: t.id({ required: true, description: 'The license key.' }),
      at: t.field({ type: 'DateTime', description: 'When it would be asked. Default now.' }),
      activationId: t.id({ description: 'The activation of the machine that would ask.' }),
      fingerprint: t.string({ description: 'What the application would know the machine by.' }),
      conditions: t.field({ type: 'Metadata', description: 'All that the activation was bound to.' }),
      benefitId: t.id({ description: 'The benefit that would be meant.' }),
      customerId: t.id({ description: 'The customer that would be meant.' }),
    }),
  });

  builder.queryField('explainLicenseKey', (t) =>
    t.field({
      type: explanation,
      nullable: true,
      description:
        'Whether a license key would be valid, at any time, and every reason why not: judged as a validation judges, from what is known now.',
      authScopes: { scope: 'licenses:read' },
      args: { input: t.arg({ type: input, required: true, description: 'The question.' }) },
      resolve: async (_root, { input: { id, at, conditions, ...scope } }, context) =>
        explainAt(context.database, {
          ...scope,
          organizationId: organizationOf(context),
          licenseKeyId: id,
          at: at ?? context.clock(),
          conditions: checkIfAny(conditions, (value) => checkMetadata(value, ['input', 'conditions'])),
        }),
    }),
  );
}
