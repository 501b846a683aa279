import * as links from '../../domain/accounts/links.ts';
import * as integrations from '../../domain/integrations/integrations.ts';
import { ConflictError } from '../../lib/errors.ts';
import { after } from '../../lib/time.ts';
import type { Builder } from '../builder.ts';
import { defineMutation } from '../mutation.ts';

export function defineIntegrationMutations(builder: Builder): void {
  defineMutation(builder, {
    name: 'connectIntegration',
    description:
      'Begins to show that a place is the merchant’s to give away: whoever owns the account on GitHub, or manages the server on Discord, opens the URL within ten minutes.',
    scope: 'organization:write',
    input: (t) => ({
      provider: t.field({ type: 'AccountProvider', required: true, description: 'Where the place is.' }),
      returnUrl: t.string({
        description: 'Where to lead them afterwards: of the same origin as the organization’s portalUrl.',
      }),
    }),
    run: async (tx, { organizationId, provider, returnUrl }, { means, url }) => {
      if (!means[provider === 'GITHUB' ? 'github' : 'discord'])
        throw new ConflictError(`${provider} is not configured here; see docs.`, ['provider']);
      const ticket = await links.open(tx, { organizationId, provider, returnUrl: returnUrl ?? null });
      return {
        url: `${url}/oauth/${provider.toLowerCase()}?ticket=${ticket}`,
        expiresAt: after(tx.now, links.LINK_MS).toISOString(),
      };
    },
    payload: (t) => ({
      url: t.exposeString('url', { description: 'Where to send the browser; for that browser only.' }),
      expiresAt: t.field({
        type: 'DateTime',
        description: 'Until when they may take.',
        resolve: ({ expiresAt }) => new Date(expiresAt),
      }),
    }),
  });

  defineMutation(builder, {
    name: 'disconnectIntegration',
    description: 'Lets no new benefit give access there. What stands goes on.',
    scope: 'organization:write',
    input: (t) => ({ id: t.id({ required: true, description: 'The integration.' }) }),
    run: async (tx, input) => ({ id: (await integrations.disconnect(tx, input)).id }),
    payload: (t) => ({ id: t.exposeID('id', { description: 'The integration that was.' }) }),
  });
}
