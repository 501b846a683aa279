import * as mails from '../../domain/mails/mails.ts';
import type { Builder } from '../builder.ts';
import { defineMutation } from '../mutation.ts';

export function defineMailMutations(builder: Builder): void {
  defineMutation(builder, {
    name: 'resendMail',
    description: 'Sends another copy of a mail, word for word, to the address the customer has now.',
    scope: 'customers:write',
    creates: true,
    input: (t) => ({ id: t.id({ required: true, description: 'The mail. It must have been written.' }) }),
    run: async (tx, input) => ({ id: (await mails.resend(tx, input)).id }),
    payload: (t) => ({
      mail: t.prismaField({
        type: 'Mail',
        description: 'The copy.',
        resolve: (query, { id }, _args, { database }) =>
          database.prisma.mail.findUniqueOrThrow({ ...query, where: { id } }),
      }),
    }),
  });
}
