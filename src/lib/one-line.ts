const LONGEST = 200;

/**
 * Text fit for a header or a title: one line, without control characters, without those that turn the direction of
 * writing or break lines elsewhere, and not endless.
 */
export function oneLine(text: string, longest = LONGEST): string {
  const line = text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, '')
    .trim();
  const characters = [...line];
  return characters.length > longest ? `${characters.slice(0, longest - 1).join('')}…` : line;
}
