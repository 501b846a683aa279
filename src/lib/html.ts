/** Text that is markup already and goes into a page as it is. */
export interface Html {
  readonly html: string;
}

type Insert = string | number | Html | null | undefined | false | readonly Insert[];

/** A piece of a page. Whatever is put in is escaped, unless it is such a piece itself. */
export const html = (pieces: TemplateStringsArray, ...inserts: readonly Insert[]): Html =>
  raw(pieces.reduce((whole, piece, index) => whole + insert(inserts[index - 1]) + piece));

/** Markup that somebody else has made safe. */
export const raw = (markup: string): Html => ({ html: markup });

const NAMES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => NAMES[character] ?? '');

function insert(value: Insert): string {
  if (value === null || value === undefined || value === false) return '';
  if (typeof value === 'object') return 'html' in value ? value.html : value.map(insert).join('');
  return escapeHtml(String(value));
}
