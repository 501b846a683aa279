import type { Mail } from '../../../prisma/generated/client/client.ts';
import type { Letter } from './letter.ts';

/** What the merchant is told at their support address. */
export function letterToMerchant({ about }: Mail): Letter {
  const { url } = about as { url: string | null };
  return {
    subject: 'A webhook endpoint has been disabled',
    preview: url ?? 'Nothing is sent to it any more.',
    paragraphs: [
      `Nothing is sent any more to ${url ?? 'one of your webhook endpoints'}, because it has refused what was sent or failed for days.`,
      'Nothing is lost: what happened meanwhile stays in the log. Mend the endpoint, enable it again, and have what failed delivered anew.',
    ],
    items: [],
    button: null,
  };
}
