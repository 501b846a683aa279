import type { Keyring } from '../lib/keyring.ts';
import type { Database } from './database.ts';

const PROOF = 'Boon can read what it sealed.';

/** The database was written with a secret that this process was not given. */
export class WrongSecretError extends Error {}

/** The first start seals a proof; every later one must be able to open it. Throws a WrongSecretError when it cannot. */
export async function verifySecret({ prisma }: Database, keyring: Keyring): Promise<void> {
  await prisma.installation.createMany({ data: { id: 1, secretCheck: keyring.seal(PROOF) }, skipDuplicates: true });
  const { secretCheck } = await prisma.installation.findUniqueOrThrow({ where: { id: 1 } });
  try {
    keyring.open(secretCheck);
  } catch {
    throw new WrongSecretError(
      'BOON_SECRET is not the secret this database was written with. Set it to the one it was, or add that one after a comma.',
    );
  }
}
