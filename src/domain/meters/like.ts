/**
 * Whether text contains a pattern. `%` in it stands for anything or nothing, and then its ends are those of the text.
 * Letters are told from capitals.
 */
export function like(text: string, pattern: string): boolean {
  const parts = pattern.split('%');
  const first = parts.shift() ?? '';
  const last = parts.pop();
  if (last === undefined) return text.includes(first);
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let at = first.length;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

/** The same pattern for LIKE in SQL, with a backslash to escape. */
export function sqlLike(pattern: string): string {
  const escaped = pattern.replace(/[\\_]/g, '\\$&');
  return pattern.includes('%') ? escaped : `%${escaped}%`;
}
