import { checkExternalId, checkIfAny, checkText, isStorable } from '../../lib/checks.ts';
import { InvalidInputError } from '../../lib/errors.ts';
import { newId } from '../../lib/id.ts';
import { after, MINUTE_MS } from '../../lib/time.ts';
import type { CustomerBy } from '../customers.ts';

/** A usage event as somebody reports it. */
export interface Report {
  name: string;
  customer: CustomerBy;
  externalId?: string | null | undefined;
  timestamp?: Date | null | undefined;
  metadata?: unknown;
}

/** The same once it is sound; whose it is must still be found out. */
export interface Sound {
  id: string;
  name: string;
  by: CustomerBy;
  externalId: string | null;
  timestamp: Date;
  metadata: object;
}

/** Clocks differ; further ahead it is a mistake. */
const AHEAD_MS = 5 * MINUTE_MS;
const METADATA_VALUES = 50;
const METADATA_KEY_CHARACTERS = 40;
const METADATA_TEXT_CHARACTERS = 500;
const METADATA_DEEPEST = 5;

/** Throws at the first thing wrong with it. */
export function checkReport({ name, customer, externalId, timestamp, metadata }: Report, now: Date): Sound {
  if (timestamp && timestamp > after(now, AHEAD_MS))
    throw new InvalidInputError('It lies more than 5 minutes ahead.', ['timestamp']);
  return {
    id: newId('usageEvent', now),
    name: checkText(name, ['name'], 200),
    by: checkCustomer(customer),
    externalId: checkIfAny(externalId, (value) => checkExternalId(value, ['externalId'])),
    timestamp: timestamp ?? now,
    metadata: metadata == null ? {} : checkUsageMetadata(metadata),
  };
}

function checkCustomer({ id, externalId, email }: CustomerBy): CustomerBy {
  if ([id, externalId, email].filter((value) => value != null).length !== 1)
    throw new InvalidInputError('Name the customer by exactly one of id, externalId and email.', ['customer']);
  if (externalId != null) return { externalId: checkExternalId(externalId, ['customer', 'externalId']) };
  if (id != null) return { id: checkText(id, ['customer', 'id'], 200) };
  return { email: checkText(email ?? '', ['customer', 'email'], 254).toLowerCase() };
}

/** Objects in objects, at whose ends stand text, numbers and booleans. */
function checkUsageMetadata(metadata: unknown): object {
  let values = 0;
  const check = (value: object, path: string[]): void => {
    if (path.length > METADATA_DEEPEST)
      throw new InvalidInputError(`Metadata may be nested ${METADATA_DEEPEST} deep at most.`, path);
    for (const [key, entry] of Object.entries(value)) {
      if (key === '' || key.length > METADATA_KEY_CHARACTERS || !isStorable(key))
        throw new InvalidInputError(`Keys have 1 to ${METADATA_KEY_CHARACTERS} characters.`, [...path, key]);
      if (++values > METADATA_VALUES)
        throw new InvalidInputError(`It may have at most ${METADATA_VALUES} keys.`, ['metadata']);
      if (isRecord(entry)) check(entry, [...path, key]);
      else if (!isValue(entry)) throw new InvalidInputError(VALUES, [...path, key]);
    }
  };
  if (!isRecord(metadata)) throw new InvalidInputError('It must be an object of keys and values.', ['metadata']);
  check(metadata, ['metadata']);
  return metadata;
}

const VALUES = `Values are strings of at most ${METADATA_TEXT_CHARACTERS} characters, numbers, booleans or objects of them.`;

const isValue = (value: unknown): boolean =>
  typeof value === 'boolean' ||
  (typeof value === 'number' && Number.isFinite(value)) ||
  (typeof value === 'string' && value.length <= METADATA_TEXT_CHARACTERS && isStorable(value));

const isRecord = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
