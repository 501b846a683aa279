import type { Builder } from '../builder.ts';
import { mentions } from '../selection.ts';
import { AFTER, CURSOR, listen, type Prepare, type Told, whose } from './stream.ts';

const GRANT_EVENTS = 'benefit_grant.*';

/** What happens to grants. */
export function defineGrantChanged(builder: Builder): void {
  const change = builder.enumType('GrantChange', {
    description: 'What happened to a grant.',
    values: {
      CREATED: { description: 'It was promised, perhaps again.' },
      UPDATED: { description: 'It was delivered, changed, or needs attention.' },
      CYCLED: { description: 'A new period began and delivered something.' },
      REVOKED: { description: 'Its access is gone.' },
    } as const,
  });
  const grantChanged = builder.objectRef<Told>('BenefitGrantChanged').implement({
    description: 'Something happened to a grant.',
    fields: (t) => ({
      cursor: t.exposeString('cursor', { description: CURSOR }),
      change: t.field({
        type: change,
        description: 'What happened.',
        resolve: ({ event }) => event.type.replace(/^.*\./, '').toUpperCase() as 'CREATED',
      }),
      occurredAt: t.field({
        type: 'DateTime',
        description: 'When it happened.',
        resolve: ({ event }) => event.occurredAt,
      }),
      grant: t.field({
        type: 'BenefitGrant',
        description: 'The grant as it is now, never older than what happened.',
        resolve: ({ event }, _args, { loaders }) => loaders.existing('BenefitGrant', event.subjectId),
      }),
    }),
  });

  builder.subscriptionField('benefitGrantChanged', (t) =>
    t.field({
      type: grantChanged,
      description:
        'What happens to the grants of one customer, or for a merchant who names none, of all. A customer hears only themselves. For tokens with the scope `grants:read`, and for customer sessions.',
      args: {
        customer: t.arg({ type: 'CustomerBy', description: 'Whose grants; for merchants.' }),
        after: t.arg.string({ description: AFTER }),
      },
      subscribe: async (_root, { customer, after }, context, { operation, fragments }) => {
        const customerId = await whose(context, customer, 'grants:read');
        const prepare = mentions(operation, fragments, 'benefit') ? prepareWithBenefits : prepareGrants;
        return listen(context, { customerId, types: [GRANT_EVENTS] }, after, prepare);
      },
      resolve: (told) => told as Told,
    }),
  );
}

const prepareGrants: Prepare = (loaders, together) => loaders.prepare('BenefitGrant', idsOf(together));

const prepareWithBenefits: Prepare = async (loaders, together) => {
  const ids = idsOf(together);
  await loaders.prepare('BenefitGrant', ids);
  const grants = ids.map((id) => loaders.known('BenefitGrant', id));
  await loaders.prepare('Benefit', [...new Set(grants.flatMap((grant) => grant?.benefitId ?? []))]);
};

const idsOf = (together: readonly { subjectId: string }[]): string[] => [
  ...new Set(together.map(({ subjectId }) => subjectId)),
];
