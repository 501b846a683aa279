import { deliver, type MailOptions } from '../benefits/mail/delivery.ts';
import { SEND_MAIL } from '../domain/mails/queue.ts';
import type { Handler } from './handler.ts';

export const sendMail = (options: MailOptions): Handler<{ mailId: string }> => ({
  name: SEND_MAIL,
  batchSize: 5,
  concurrency: 2,
  handle: ({ mailId }) => deliver(options, mailId),
});
