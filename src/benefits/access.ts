import { z } from 'zod';

export const STATUSES = ['WAITING', 'INVITED', 'ACTIVE', 'DECLINED', 'FAILED'] as const;

/** How far one part of what was given at a third party has come. */
export const AccessStatus = z.enum(STATUSES).meta({
  id: 'AccessStatus',
  description: 'How far access to one thing at a third party has come.',
  values: {
    WAITING: 'Yet to be given.',
    INVITED: 'An invitation waits to be accepted there.',
    ACTIVE: 'The account has it.',
    DECLINED: 'The invitation was declined.',
    FAILED: 'Something is in the way; `error` says what.',
  },
});

/** What is in the way of one part, if anything. */
export const AccessError = z
  .object({
    code: z.string().meta({ description: 'Names what is wrong, for programs; see docs/attention.md.' }),
    message: z.string().meta({ description: 'Says what is wrong, for people.' }),
  })
  .meta({ id: 'AccessError', description: 'What is in the way of access to one thing.' })
  .nullable()
  .meta({ description: 'What is in the way of this one, if anything.' });

/** When a part was last found taken away by hand. */
export const RepairedAt = z
  .date()
  .nullable()
  .meta({ description: 'When it was last found taken away by hand and given back.' });
