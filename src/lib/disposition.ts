/** Quotes would end the name, and a slash would make it a folder. */
const FALLBACK = /[^ !#-.0-9:-[\]-~]/g;
/** Line breaks and other controls, and marks that turn the direction of what follows: `exe.gpj` reads as `jpg.exe`. */
const UNSEEN = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
const PATH = /[/\\]/g;

/** The header that has a browser save something under this name, in whatever script it is written. */
export function attachment(name: string): string {
  const clean = name.replace(UNSEEN, '').replace(PATH, '_').trim() || 'download';
  const ascii = clean.replace(FALLBACK, '_');
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encode(clean)}`;
}

const encode = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replace(
    /['()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
