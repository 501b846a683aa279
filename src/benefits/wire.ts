import type { Kind } from './kind.ts';
import { benefitOf } from './wire/benefit.ts';
import { customerOf } from './wire/customer.ts';
import { grantOf } from './wire/grant.ts';
import { type Json, snake, snakeName } from './wire/names.ts';
import { stateOf } from './wire/state.ts';
import { subscriptionOf } from './wire/subscription.ts';

/** An event as it stands in the log. */
export interface LoggedEvent {
  type: string;
  data: unknown;
}

/**
 * The JSON that the outside hears of an event: snake_case names as consumers of the format already parse them, with
 * what a kind says about its benefits and grants rendered by the kind itself.
 */
export function wire(kinds: readonly Kind[], { type, data }: LoggedEvent): Json {
  const { changed, ...told } = data as Json & { changed?: readonly string[] };
  const rendered = render(kinds, type, told);
  return changed ? { ...rendered, changed: changed.map(snakeName) } : rendered;
}

function render(kinds: readonly Kind[], type: string, data: Json): Json {
  if (type === 'customer.state_changed') return stateOf(kinds, data);
  switch (type.slice(0, type.indexOf('.'))) {
    case 'benefit_grant':
      return grantOf(kinds, data);
    case 'benefit':
      return benefitOf(kinds, data.benefit as Json);
    case 'customer':
      return {
        ...customerOf(data.customer as Json),
        ...(data.account ? { account: snake(data.account as Json) } : {}),
      };
    case 'subscription':
      return subscriptionOf(data.subscription as Json);
    default:
      return plain(data);
  }
}

/** The subject's own columns, and beside them whatever else is told. */
function plain(data: Json): Json {
  const [subject, ...others] = Object.entries(data);
  return snake({ ...(subject?.[1] as Json), ...Object.fromEntries(others) });
}
