import type { Kind } from '../../benefits/kind.ts';
import { deliveryNameOf } from '../benefit/kinds.ts';
import type { Builder } from '../builder.ts';
import type { Context } from '../context.ts';
import type { ZodTypes } from '../from-zod.ts';
import { type Delivery, deliveryOf } from '../reads/deliveries.ts';
import type { GrantRow } from '../reads/rows.ts';

export type DeliveryRef = ReturnType<typeof defineDelivery>;

/** `BenefitDelivery`: what a customer gets, a type for each kind. */
export function defineDelivery(builder: Builder, kinds: readonly Kind[], zodTypes: ZodTypes) {
  const read = ({ delivered }: Delivery) => delivered;
  const types = kinds.map((kind) =>
    builder.objectRef<Delivery>(deliveryNameOf(kind)).implement({
      description: `What a customer gets. ${kind.description}`,
      fields: zodTypes.outputFields<Delivery>(kind.delivers, { read }),
    }),
  );
  const ref = builder.unionType('BenefitDelivery', {
    description: 'What a customer got; each kind delivers something of its own.',
    types,
    resolveType: ({ kind }: Delivery) => deliveryNameOf(kind) as never,
  });
  return { ref, load: (context: Context, grant: GrantRow) => deliveryOf(context, grant) };
}
