import { kinds } from '../../src/benefits/kinds.ts';
import { readProviders } from '../../src/config.ts';
import { toyOutside } from './toy-kind.ts';
import { openWorker } from './worker.ts';

/** A worker as a process of its own, so that it can be killed: its database, the toy's provider, and how late it is. */
const [, , url = '', providerUrl = '', aheadMs = '0'] = process.argv;
await openWorker({
  url,
  kinds: [...kinds, toyOutside(providerUrl)],
  clock: () => new Date(Date.now() + Number(aheadMs)),
  providers: readProviders(process.env),
});
console.log('working');
