import type { LoadedGrant } from '../../domain/grants/facts.ts';
import { sourceIdOf } from '../../domain/grants/facts.ts';
import { isEntitled } from '../../domain/grants/work.ts';
import type { CustomerMail } from '../../domain/mails/facts.ts';
import { oneLine } from '../../lib/one-line.ts';
import type { Kind } from '../kind.ts';
import { orderOf } from '../order.ts';
import type { Item, Letter } from './letter.ts';

const LONGEST_TITLE = 500;

interface Occasion extends CustomerMail {
  kinds: readonly Kind[];
  grants: readonly LoadedGrant[];
  now: Date;
}

/** What a customer is told about these grants. */
export function letterToCustomer(occasion: Occasion): Letter {
  const url = occasion.organization.portalUrl;
  const letter = LETTERS[occasion.mail.occasion]?.(occasion);
  if (!letter) throw new Error(`Customers are not written to about ${occasion.mail.occasion}.`);
  return {
    ...letter,
    button: url ? { label: LABELS[occasion.mail.occasion] ?? 'See everything you have', url } : null,
  };
}

const LABELS: Partial<Record<string, string>> = { action_needed: 'Go to your account' };

const LETTERS: Partial<Record<string, (occasion: Occasion) => Omit<Letter, 'button'>>> = {
  welcome: (occasion) => ({
    subject: occasion.productName
      ? `${occasion.productName} is ready for you`
      : `${occasion.organization.name} has given you access`,
    preview: `What you have, and how to use it: ${titles(occasion)}`,
    paragraphs: [
      occasion.productName
        ? `Thank you for choosing ${occasion.productName}. This is what comes with it, and how to use it.`
        : 'This is what you have, and how to use it.',
    ],
    items: occasion.grants.map((grant) => granted(occasion, grant)),
  }),
  action_needed: (occasion) => ({
    subject: `Action needed: ${occasion.grants.length === 1 ? titles(occasion) : (occasion.productName ?? occasion.organization.name)}`,
    preview: occasion.grants[0]?.attentionMessage ?? titles(occasion),
    paragraphs: ['This waits for you. Once it is done, the rest happens by itself.'],
    items: occasion.grants.map((grant) => ({ ...bare(grant), note: grant.attentionMessage, asks: true })),
  }),
  access_ending: (occasion) => ({
    subject: `${occasion.productName ?? 'Your access'} ends on ${day(endOf(occasion))}`,
    preview: `Until then you can use ${titles(occasion)}`,
    paragraphs: [
      `Your access ends on ${day(endOf(occasion))} at ${time(endOf(occasion))}. Until then you can go on using:`,
    ],
    items: occasion.grants.map(bare),
  }),
  access_removed: (occasion) => ({
    subject:
      isOver(occasion) && occasion.productName
        ? `Your access to ${occasion.productName} has ended`
        : `A change to what you have at ${occasion.organization.name}`,
    preview: `You can no longer use ${titles(occasion)}`,
    paragraphs: ['You can no longer use:'],
    items: occasion.grants.map(bare),
  }),
  credits_low: (occasion) => {
    const { meter, left, of } = creditsOf(occasion);
    const [there, all] = [grouped(left), grouped(of)];
    const empty = !(Number(left) > 0);
    return {
      subject: empty ? `You have no credits left for ${meter}` : `Your credits for ${meter} are running low`,
      preview: empty ? 'None are left.' : `${there} of ${all} are left.`,
      paragraphs: [
        empty
          ? `None of your credits for ${meter} are left.`
          : `You have ${there} of ${all} credits left for ${meter}.`,
      ],
      items: [],
    };
  },
};

function granted({ kinds, customer, now }: Occasion, grant: LoadedGrant): Item {
  if (grant.attentionActor === 'CUSTOMER') return { ...bare(grant), note: grant.attentionMessage, asks: true };
  if (grant.state !== 'ACTIVE')
    return { ...bare(grant), note: 'This is being prepared. There is nothing you need to do.' };
  const kind = kinds.find((candidate) => candidate.type === grant.benefit.type);
  return { ...bare(grant), instructions: kind?.instructions(orderOf(customer, grant, kind, 'deliver', now)) ?? null };
}

const bare = ({ benefit }: LoadedGrant): Item => ({
  title: oneLine(benefit.description, LONGEST_TITLE),
  instructions: null,
  note: null,
  asks: false,
});

const titles = ({ grants }: Occasion): string => grants.map(({ benefit }) => benefit.description).join(', ');

/** Whether nothing of the purchase is left. */
const isOver = ({ customer, mail, now }: Occasion): boolean =>
  !customer.grants.some((grant) => sourceIdOf(grant) === mail.subjectId && isEntitled(grant, now));

const endOf = ({ mail }: Occasion): Date => new Date((mail.about as { until: string }).until);

/** The credits that run low, as they were when that was noticed. */
const creditsOf = ({ mail }: Occasion) => mail.about as { meter: string; left: string; of: string };

/** An exact decimal as people write it: 1,234.5 */
const grouped = (units: string): string => units.replace(/^-?\d+/, (whole) => BigInt(whole).toLocaleString('en'));

const day = (date: Date): string =>
  new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(date);

const time = (date: Date): string => `${date.toISOString().slice(11, 16)} UTC`;
