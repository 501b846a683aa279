import type { BenefitGrant } from '../../../prisma/generated/client/client.ts';
import { kindOf } from '../../benefits/catalog.ts';
import type { Kind } from '../../benefits/kind.ts';
import { deliveryNameOf } from '../benefit/kinds.ts';
import type { Builder } from '../builder.ts';
import type { Context } from '../context.ts';
import type { ZodTypes } from '../from-zod.ts';
import { loadDelivery } from '../reads/deliveries.ts';

type Delivered = Record<string, unknown> & { __typename: string };

export type DeliveryRef = ReturnType<typeof defineDelivery>;

/** `BenefitDelivery`: what a customer gets, a type for each kind. */
export function defineDelivery(builder: Builder, kinds: readonly Kind[], zodTypes: ZodTypes) {
  const types = kinds.map((kind) =>
    builder.objectRef<Delivered>(deliveryNameOf(kind)).implement({
      description: `What a customer gets. ${kind.description}`,
      fields: zodTypes.outputFields<Delivered>(kind.delivers),
    }),
  );
  const ref = builder.unionType('BenefitDelivery', {
    description: 'What a customer got; each kind delivers something of its own.',
    types,
    resolveType: ({ __typename }: Delivered) => __typename as never,
  });
  const load = async (context: Context, grant: BenefitGrant): Promise<Delivered> => {
    const benefit = await context.loaders.row('Benefit', grant.benefitId);
    const kind = kindOf(kinds, benefit?.type ?? '');
    return { ...(await loadDelivery(context, kind, grant)), __typename: deliveryNameOf(kind) };
  };
  return { ref, load };
}
