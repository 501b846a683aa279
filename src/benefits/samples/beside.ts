import type { File, FileVersion } from '../../../prisma/generated/client/client.ts';
import type * as meters from '../../domain/meters/meters.ts';
import type { snapshot } from '../../domain/webhooks/endpoints.ts';
import { newId } from '../../lib/id.ts';
import type { Example } from './example.ts';

type Told = Pick<
  FileVersion,
  'id' | 'number' | 'note' | 'contentType' | 'size' | 'status' | 'sha256' | 'failure' | 'readyAt'
>;

/** What stands beside benefits: credits and their meter, files, accounts, places, endpoints. None of it exists. */
export function besideOf({ now, customer: { id: customerId, organizationId, externalId } }: Example) {
  const times = { createdAt: now, updatedAt: now };
  const meter: ReturnType<typeof meters.snapshot> = {
    id: newId('meter', now),
    organizationId,
    name: 'API calls',
    filter: null,
    aggregation: { function: 'COUNT', property: null },
    archivedAt: null,
    ...times,
  };
  const balance = {
    id: newId('creditBalance', now),
    organizationId,
    customerId,
    externalCustomerId: externalId,
    meterId: meter.id,
    meterName: meter.name,
    credited: '100',
    consumed: '80',
    balance: '20',
    held: '0',
    overage: '0',
    nextExpiryAt: null,
    ...times,
  };
  const file: Omit<File, 'currentId'> = {
    id: newId('file', now),
    organizationId,
    name: 'example.zip',
    archivedAt: null,
    deletedAt: null,
    ...times,
  };
  const version: Omit<Told, 'size'> & { size: number } = {
    id: newId('fileVersion', now),
    number: 1,
    note: null,
    contentType: 'application/zip',
    size: 1_024,
    status: 'READY',
    sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    failure: null,
    readyAt: now,
  };
  const account = { id: newId('linkedAccount', now), provider: 'GITHUB', accountId: '583231', username: 'example' };
  const integration = { id: newId('integration', now), provider: 'GITHUB', placeId: '9919', name: 'example' };
  const endpoint: ReturnType<typeof snapshot> = {
    id: newId('webhookEndpoint', now),
    organizationId,
    url: 'https://example.com/webhooks',
    description: null,
    events: ['*'],
    enabled: true,
    disabledAt: null,
    disabledBecause: null,
    failingSince: null,
    ...times,
  };
  const audit = {
    customerId,
    meterId: meter.id,
    why: '80 units were used and 79 entered',
    day: now.toISOString().slice(0, 10),
  };
  return { meter, balance, file, version, account, integration, endpoint, audit };
}
