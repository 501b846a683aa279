import { kinds } from '../../src/benefits/kinds.ts';
import { readProviders } from '../../src/config.ts';
import { openKeyring } from '../../src/lib/keyring.ts';
import { openLocalStorage } from '../../src/platform/storage/local-storage.ts';
import { TEST_SECRET } from './secret.ts';
import { toyOutside } from './toy-kind.ts';
import { openWorker } from './worker.ts';

/** A worker as a process of its own, so that it can be killed: its database, the toy's provider, how late it is, its files. */
const [, , url = '', providerUrl = '', aheadMs = '0', folder] = process.argv;
const clock = () => new Date(Date.now() + Number(aheadMs));
await openWorker({
  url,
  kinds: [...kinds, toyOutside(providerUrl)],
  clock,
  providers: readProviders(process.env),
  ...(folder && { storage: await openLocalStorage({ folder, keyring: openKeyring([TEST_SECRET]), clock }) }),
});
console.log('working');
