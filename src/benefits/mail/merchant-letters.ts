import type { Mail } from '../../../prisma/generated/client/client.ts';
import type { Letter } from './letter.ts';

const REASONS: Record<string, string> = {
  GONE: 'it answered that it is gone (410)',
  FAILING: 'it has not taken anything for days',
};

/** What the merchant is told at their support address. */
export function letterToMerchant({ about }: Mail): Letter {
  const { url, because } = about as { url: string; because: string | null };
  return {
    subject: 'A webhook endpoint has been disabled',
    preview: url,
    paragraphs: [
      `Nothing is sent to ${url} any more, because ${REASONS[because ?? ''] ?? 'it failed'}.`,
      'Mend it, enable it again, and have what failed sent once more.',
    ],
    items: [],
    button: null,
  };
}
