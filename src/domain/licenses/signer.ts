import type { JWK, JWTPayload } from 'jose';
import type { Keyring } from '../../lib/keyring.ts';
import { newKeyPair, readPrivateKey, type SigningKey, signClaims } from '../../lib/signing.ts';
import { after, type Clock, DAY_MS, MINUTE_MS } from '../../lib/time.ts';
import type { Transaction, Tx } from '../../platform/unit-of-work.ts';

/** Signs for this installation, and publishes what its signatures verify with. */
export interface Signer {
  sign(type: string, claims: JWTPayload): Promise<string>;
  /** The public keys, as a JWK set has them: those that sign, that are about to, and that have signed what is still good. */
  published(): Promise<JWK[]>;
}

/** Nothing that is signed is good for longer. */
export const LONGEST_SIGNED_MS = 90 * DAY_MS;
const SIGNS_MS = 60 * DAY_MS;
/** A new key is published this long before it signs, so that nobody meets a signature whose key they cannot find. */
const AHEAD_MS = DAY_MS;
/** How long a process may not know that another has made a key: far shorter than what it is published ahead. */
const REREAD_MS = 10 * MINUTE_MS;

interface Keys {
  readAt: number;
  published: { publicKey: JWK; signsFrom: Date; signing: SigningKey }[];
}

export function openSigner({ transaction, clock }: { transaction: Transaction; clock: Clock }): Signer {
  let known: Promise<Keys> | null = null;

  const read = async (): Promise<Keys> => {
    const rows = await transaction(keep);
    const published = rows.map(async ({ id, publicKey, privateKey, signsFrom }) => ({
      publicKey,
      signsFrom,
      signing: await readPrivateKey(id, privateKey),
    }));
    return { readAt: clock().getTime(), published: await Promise.all(published) };
  };
  const keys = async (): Promise<Keys['published']> => {
    const before = known;
    const standing = await before?.catch(() => null);
    if (standing && Math.abs(clock().getTime() - standing.readAt) <= REREAD_MS) return standing.published;
    // Whoever finds them too old first reads them for everyone who does.
    if (known === before) known = read();
    return (await (known ?? read())).published;
  };

  return {
    async sign(type, claims) {
      const all = await keys();
      const now = clock();
      // Clocks of two processes differ: the first key ever may lie in the future of one of them.
      const key = all.findLast(({ signsFrom }) => signsFrom <= now) ?? all[0];
      if (!key) throw new Error('There is no key to sign with.');
      return signClaims(key.signing, type, claims);
    },
    published: async () => (await keys()).map(({ publicKey }) => publicKey),
  };
}

/** The keys, oldest first: with a first one, a next one in time, and without those whose signatures have all lapsed. */
async function keep(tx: Tx) {
  await tx.db.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('boon signing keys'))`;
  let rows = await tx.db.signingKey.findMany({ orderBy: { signsFrom: 'asc' } });
  const newest = rows.at(-1);
  if (!newest || after(newest.signsFrom, SIGNS_MS - AHEAD_MS) <= tx.now) {
    rows = [...rows, await make(tx, newest ? after(tx.now, AHEAD_MS) : tx.now)];
  }
  const lapsed = rows.filter((_, at) => {
    const next = rows[at + 1];
    return next && after(next.signsFrom, LONGEST_SIGNED_MS) <= tx.now;
  });
  if (lapsed.length > 0) await tx.db.signingKey.deleteMany({ where: { id: { in: lapsed.map(({ id }) => id) } } });
  return rows.filter((row) => !lapsed.includes(row)).map((row) => open(tx.keyring, row));
}

async function make(tx: Tx, signsFrom: Date) {
  const { id, publicKey, privateKey } = await newKeyPair();
  const sealed = tx.keyring.seal(JSON.stringify(privateKey));
  return tx.db.signingKey.create({
    data: { id, publicKey: { ...publicKey } as never, sealed, signsFrom, createdAt: tx.now },
  });
}

const open = (keyring: Keyring, row: Awaited<ReturnType<typeof make>>) => ({
  id: row.id,
  signsFrom: row.signsFrom,
  publicKey: row.publicKey as JWK,
  privateKey: JSON.parse(keyring.open(row.sealed)) as JWK,
});
