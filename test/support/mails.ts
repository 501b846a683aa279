import { deliver } from '../../src/benefits/mail/delivery.ts';
import * as customers from '../../src/domain/customers.ts';
import { requestDue } from '../../src/domain/mails/queue.ts';
import { mailsReader } from '../../src/domain/mails/reading.ts';
import * as organizations from '../../src/domain/organizations.ts';
import { advance } from '../../src/domain/readers.ts';
import type { Smtp } from '../../src/providers/smtp.ts';
import type { House } from './house.ts';

let count = 0;

/** What is written to the customers of a house, on its clock. */
export function mailsOf(house: House, smtp: Smtp | null = null) {
  const { transaction, kinds, organizationId, prisma } = house;
  const read = async () => {
    while (await transaction((tx) => advance(tx, mailsReader, organizationId)));
  };
  const send = (mailId: string) => deliver({ transaction, kinds, smtp }, mailId);
  const all = (customerId?: string) =>
    prisma.mail.findMany({
      where: { organizationId, ...(customerId && { customerId }) },
      orderBy: [{ sendAt: 'asc' }, { occasion: 'desc' }, { id: 'asc' }],
    });
  return {
    /** Plans what the log is an occasion for. */
    read,
    send,
    all,
    /** Reads the log, and does with each mail what its job does, if its job came now. */
    async run() {
      await read();
      await transaction((tx) => requestDue(tx));
      for (const { id, state } of await all()) if (state === 'PLANNED' || state === 'QUEUED') await send(id);
    },
    /** Somebody with an address of their own, which is not one of those that reach nobody. */
    reader: (name: string | null = 'Ada Lovelace') =>
      transaction((tx) => customers.create(tx, { organizationId, email: `reader${++count}@boon-mail.dev`, name })),
    brand: (input: Omit<Parameters<typeof organizations.update>[1], 'organizationId'>) =>
      transaction((tx) => organizations.update(tx, { organizationId, ...input })),
    /** What became of the mails to a customer. */
    states: async (customerId: string) =>
      (await all(customerId)).map(({ occasion, state }) => `${occasion} ${state.toLowerCase()}`),
  };
}
