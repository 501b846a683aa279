import type { Api } from './api.ts';
import type { Columns } from './columns.ts';

interface Appended {
  eventAppended: { type: string; data: { id: string; customer_id?: string; state?: string } };
}

/** What the live stream has told so far, and a way to wait for more. */
export interface Live {
  /** Resolves when the states of a customer's grants, as the stream told them, are as wanted. */
  until(customerId: string, wanted: (states: string[]) => boolean): Promise<void>;
  close(): void;
}

const PATIENCE_MS = 10_000;

export async function openLive(api: Api, columns: Columns): Promise<Live> {
  const states = new Map<string, Map<string, string>>();
  let waiting: (() => void)[] = [];
  const { currentOrganization } = await api.send<{ currentOrganization: { liveCursor: string } }>(
    'CurrentOrganization',
  );
  const after = currentOrganization.liveCursor;
  const close = await api.listen<Appended>('EventAppended', { after }, ({ eventAppended: { type, data } }) => {
    columns.live(data.state ? `${type}  ${data.state}` : type);
    if (!type.startsWith('benefit_grant.') || !data.customer_id || !data.state) return;
    const grants = states.get(data.customer_id) ?? new Map<string, string>();
    states.set(data.customer_id, grants.set(data.id, data.state.toUpperCase()));
    for (const look of waiting) look();
  });
  return {
    close,
    until: (customerId, wanted) =>
      new Promise((resolve, reject) => {
        const late = setTimeout(
          () => reject(new Error('Not as promised: the live stream told nothing in time.')),
          PATIENCE_MS,
        );
        const look = () => {
          if (!wanted([...(states.get(customerId)?.values() ?? [])])) return;
          clearTimeout(late);
          waiting = waiting.filter((other) => other !== look);
          resolve();
        };
        waiting.push(look);
        look();
      }),
  };
}
