/** Markup that goes into a page as it is. */
export interface Html {
  readonly html: string;
}

type Insert = string | number | Html | null | undefined | false | readonly Insert[];

/** A piece of a page; whatever is put in is escaped, unless it is such a piece itself. */
export const html = (pieces: TemplateStringsArray, ...inserts: readonly Insert[]): Html => ({
  html: pieces.reduce((whole, piece, index) => whole + insert(inserts[index - 1]) + piece),
});

const NAMES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function insert(value: Insert): string {
  if (value === null || value === undefined || value === false) return '';
  if (typeof value === 'object') return 'html' in value ? value.html : value.map(insert).join('');
  return String(value).replace(/[&<>"']/g, (character) => NAMES[character] ?? '');
}
