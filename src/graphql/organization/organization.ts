import * as organizations from '../../domain/organizations.ts';
import type { Builder } from '../builder.ts';
import { forMerchants, organizationOf, requireMerchant } from '../context.ts';
import { liveCursor } from '../cursor-first.ts';
import { defineMutation } from '../mutation.ts';

export function defineOrganization(builder: Builder): void {
  builder.prismaObject('Organization', {
    description: 'A merchant.',
    select: { id: true },
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id.' }),
      name: t.exposeString('name', { description: 'What customers know it as.' }),
      supportEmail: t.exposeString('supportEmail', { nullable: true, description: 'Where customers find help.' }),
      logoUrl: t.exposeString('logoUrl', { nullable: true, description: 'The picture at the head of mails.' }),
      portalUrl: t.exposeString('portalUrl', { nullable: true, description: 'Where mails lead customers to.' }),
      replyTo: t.string({
        nullable: true,
        description: 'Where answers to mails go; null: to the support address. For merchants.',
        select: { replyTo: true },
        resolve: forMerchants(({ replyTo }) => replyTo),
      }),
      mutedMails: t.field({
        type: ['MailOccasion'],
        description: 'Occasions about which nobody is written to. For merchants.',
        select: { mutedMails: true },
        resolve: forMerchants(({ mutedMails }) => mutedMails as never),
      }),
      graceDays: t.int({
        description: 'For how many days a past-due subscription keeps its benefits. For merchants.',
        select: { graceDays: true },
        resolve: forMerchants(({ graceDays }) => graceDays),
      }),
      liveCursor: t.string({
        description:
          'Where to begin listening so that nothing after this answer is missed: give it as `after`. Good for 30 days. For merchants.',
        resolve: (_organization, _args, context) => {
          requireMerchant(context);
          return liveCursor(context);
        },
      }),
      createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    }),
  });

  builder.queryField('currentOrganization', (t) =>
    t.prismaField({
      type: 'Organization',
      nullable: true,
      description: 'The organization the token belongs to.',
      authScopes: { scope: 'organization:read' },
      resolve: (query, _root, _args, context) =>
        context.database.prisma.organization.findUniqueOrThrow({ ...query, where: { id: organizationOf(context) } }),
    }),
  );

  defineMutation(builder, {
    name: 'updateOrganization',
    description:
      'Changes the organization the token belongs to. A change of grace days reaches everyone who is behind with paying.',
    scope: 'organization:write',
    keeps: ['name', 'graceDays', 'mutedMails'],
    input: (t) => ({
      name: t.string({ description: 'What customers know it as.' }),
      graceDays: t.int({ description: 'For how many days, 0 to 365, a past-due subscription keeps its benefits.' }),
      supportEmail: t.string({ description: 'Where customers find help; null clears it.' }),
      replyTo: t.string({ description: 'Where answers to mails go; null: to the support address.' }),
      logoUrl: t.string({ description: 'An https URL of the picture at the head of mails; null clears it.' }),
      portalUrl: t.string({
        description: 'The http or https URL where customers look after what they have; null clears it.',
      }),
      mutedMails: t.field({ type: ['MailOccasion'], description: 'Occasions about which nobody is written to.' }),
    }),
    run: async (tx, input) => ({ id: (await organizations.update(tx, input)).id }),
    payload: (t) => ({
      organization: t.prismaField({
        type: 'Organization',
        description: 'As it is now.',
        resolve: (query, { id }, _args, { database }) =>
          database.prisma.organization.findUniqueOrThrow({ ...query, where: { id } }),
      }),
    }),
  });
}
