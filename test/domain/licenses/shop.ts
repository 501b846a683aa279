import * as activations from '../../../src/domain/licenses/activations.ts';
import * as administration from '../../../src/domain/licenses/administration.ts';
import type { Consumption } from '../../../src/domain/licenses/consumption.ts';
import type { Question } from '../../../src/domain/licenses/validation.ts';
import * as manualGrants from '../../../src/domain/manual-grants.ts';
import { type House, openHouse } from '../../support/house.ts';

export type Shop = Awaited<ReturnType<typeof openShop>>;

/** A merchant who sells license keys. */
export async function openShop(options: { house?: House } = {}) {
  const house = options.house ?? (await openHouse());
  const { transaction, prisma, keyring, licenses } = house;

  return {
    ...house,
    /** A customer with a key on these terms. */
    async sell(properties: object = { prefix: 'APP', activations: { limit: 3 } }) {
      const benefit = await house.benefit('license_keys', properties);
      const customer = await house.customer();
      const grant = await give(house, customer.id, benefit.id);
      await house.settle(customer.id);
      const { sealed, ...row } = await prisma.licenseKey.findFirstOrThrow({
        where: { customerId: customer.id },
        omit: { sealed: false },
      });
      return { ...row, key: keyring.open(sealed), grantId: grant.id, customer, benefit };
    },
    validate: async (question: Question) => licenses.validate(question),
    consume: (wish: Consumption) => licenses.consume(wish),
    activate: (input: activations.NewActivation) => licenses.activate(input),
    deactivate: (activationId: string) => transaction((tx) => activations.deactivate(tx, { activationId })),
    change: (id: string, changes: administration.KeyChanges) =>
      transaction((tx) => administration.update(tx, { organizationId: house.organizationId, id, ...changes })),
    rotate: (id: string, graceDays = 0) =>
      transaction((tx) => administration.rotate(tx, { organizationId: house.organizationId, id, graceDays })),
    keyOf: async (id: string) => {
      const { sealed } = await prisma.licenseKey.findUniqueOrThrow({ where: { id }, omit: { sealed: false } });
      return keyring.open(sealed);
    },
  };
}

const give = ({ transaction, organizationId }: House, customerId: string, benefitId: string) =>
  transaction((tx) => manualGrants.create(tx, { organizationId, customerId, benefitId }));
