/** Crockford's digits: none looks like another. */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const BODY = 22;
const CHECKSUM = 2;

/**
 * Whether a key that Boon made was typed without a mistake: its last two characters are a checksum, so nobody need be
 * asked. Keys that were imported carry none. Case, spaces, dashes, and O for 0 or I and L for 1 do not matter.
 */
export async function isWellTyped(typed: string): Promise<boolean> {
  const text = typed.toUpperCase().replace(/[^0-9A-Z]/g, '');
  const cut = text.length - BODY - CHECKSUM;
  if (cut < 0) return false;
  const rest = text.slice(cut).replace(/O/g, '0').replace(/[IL]/g, '1');
  const covered = new TextEncoder().encode(`${text.slice(0, cut)}:${rest.slice(0, BODY)}`);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', covered));
  const checksum = [...digest.slice(0, CHECKSUM)].map((byte) => DIGITS.charAt(byte % DIGITS.length)).join('');
  return rest.endsWith(checksum);
}
