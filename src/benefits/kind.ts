import { z } from 'zod';
import type { Provider } from '../../prisma/generated/client/client.ts';
import type { Refresh } from '../domain/accounts/tokens.ts';
import type { Allowance } from '../domain/allowances.ts';
import type { Claim, Release } from '../domain/resources.ts';
import type { Tx } from '../platform/unit-of-work.ts';
import type { Means } from './means.ts';
import type { Outcome } from './outcome.ts';

/**
 * A benefit kind: one file that states its facts as data. Validation, the API's types and documents, settlement,
 * the JSON of webhooks and the portal are derived from what stands here.
 */
export interface Kind<
  Properties extends z.ZodObject = z.ZodObject,
  Held extends z.ZodObject = z.ZodObject,
  Delivered extends z.ZodObject = z.ZodObject,
> {
  /** Its name on the wire and in the database: `license_keys`. */
  type: string;
  /** Its name in the API: `LicenseKeys` makes `LicenseKeysBenefit` and `LicenseKeysDelivery`. */
  name: string;
  /** One sentence for the API's documentation. */
  description: string;
  /** What a merchant configures. Every field is described; nested objects and enums carry `.meta({ id })`. */
  properties: Properties;
  /** One that works as it stands: for the demo data, the documentation and the tests every kind must pass. */
  example: {
    description: string;
    properties: z.input<Properties>;
    /** What a grant of it would hold, for webhooks that are sent to try them. */
    held?: z.input<Held>;
    /** Where properties name nouns: makes those, and answers the properties with their ids. */
    furnish?(tx: Tx, organizationId: string): Promise<z.input<Properties>>;
  };
  /** What it records on a grant when it delivers: all that is needed to take it away again. */
  held: Held;
  /** What a customer gets, as the API shows it. `.meta({ scope })` names what a merchant's token needs for a field. */
  delivers: Delivered;
  /** Where customers need an account that it is given to. */
  account?: Provider;
  /**
   * What a third party must be asked about properties, before any transaction begins; answers them completed. Throws an
   * InvalidInputError with a path inside the properties, a ConflictError when the third party is not configured.
   */
  inspect?(properties: z.output<Properties>, means: Means): Promise<z.output<Properties>>;
  /** The places at third parties that inspected properties give access to: the merchant must have shown that they are theirs. */
  places?(properties: z.output<Properties>): GivenPlace[];
  /** Rules over properties that need more than themselves. Throws an InvalidInputError with a path inside the properties. */
  check?(tx: Tx, given: { organizationId: string; properties: z.output<Properties> }, means: Means): Promise<void>;
  /** How the promise is kept. */
  keep: InRows<z.output<Properties>, z.output<Held>> | Outside<z.output<Properties>, z.output<Held>>;
  /** What it takes to tell what grants hold. */
  deliveries:
    | FromHeld<z.output<Held>, z.output<Delivered>>
    | FromOrders<z.output<Properties>, z.output<Held>, z.output<Delivered>>;
  /** What the customer should do with it, in Markdown. */
  instructions(order: Order<z.output<Properties>, z.output<Held> | null>): string;
  /** The JSON that webhooks carry: of the benefit's properties, and of what a grant holds. */
  wire: {
    properties(properties: z.output<Properties>, benefit: { id: string; organizationId: string }): object;
    grant(held: z.output<Held> | null): object;
  };
}

/** A place at a third party, and the property that names it. */
export interface GivenPlace {
  provider: Provider;
  placeId: string;
  name: string;
  path: string[];
}

/** One grant, as its kind sees it. */
export interface Order<Properties, Held> {
  grant: { id: string; organizationId: string; createdAt: Date; grantedAt: Date | null; fulfilledAt: Date | null };
  source: { type: 'subscription' | 'order' | 'manual'; id: string };
  customer: { id: string; externalId: string | null; email: string; name: string | null };
  benefit: { id: string; description: string };
  properties: Properties;
  /** The account in use at the provider the kind names; null when there is none. */
  account: Account | null;
  /** What was recorded before, also when it was taken away since; null before the first delivery. */
  held: Held;
  /** Start of the paid period, for sources that have one. */
  period: { start: Date; end: Date | null } | null;
  /** Why it is done now: `renew` when a new period began, `reapply` when the properties changed, else `deliver`. */
  reason: 'deliver' | 'reapply' | 'renew';
  now: Date;
}

/** Somebody at a third party. */
export interface Account {
  id: string;
  /** The provider's own number of it. */
  accountId: string;
  username: string;
  /** The provider takes its tokens no longer. */
  isRefused: boolean;
  /** When the customer last showed that it is theirs. */
  linkedAt: Date;
}

/** What was recorded tells it all. */
export interface FromHeld<Held, Delivered> {
  from: 'held';
  tell(held: Held): Delivered;
}

/** It takes more than that: many are told at once, in their order, and whatever must be read is read at once. */
export interface FromOrders<Properties, Held, Delivered> {
  from: 'orders';
  tell(means: Means, orders: readonly Order<Properties, Held>[]): Promise<Delivered[]>;
}

/**
 * Kept in our own rows, in the transaction of settlement, for many customers at once: of each there is one order, and the
 * outcomes come in their order. Both verbs may be called twice.
 */
export interface InRows<Properties, Held> {
  where: 'rows';
  /** True when a new period delivers something. */
  renews?: boolean;
  deliver(tx: Tx, orders: readonly Order<Properties, Held | null>[]): Promise<Outcome<Held>[]>;
  withdraw(tx: Tx, orders: readonly Order<Properties, Held>[]): Promise<Outcome<Held>[]>;
}

/** Kept at a third party: no transaction is open while it is called. Both verbs may be called twice. */
export interface Outside<Properties, Held> {
  where: 'outside';
  renews?: boolean;
  /**
   * What external access this amounts to. `key` names the access itself, whoever holds it:
   * `repository:42:user:7`; of several claims on one key the highest level stands.
   */
  claims(order: Order<Properties, Held | null>): Claim[];
  deliver(order: Order<Properties, Held | null>, hands: Hands<Held>): Promise<Outcome<Held>>;
  withdraw(order: Order<Properties, Held>, hands: Hands<Held>): Promise<Outcome<Held>>;
  /** Looks whether what was given still stands, for many grants of one benefit at once; answers only what differs. */
  look?(orders: readonly Order<Properties, Held>[], sight: Sight): Promise<Finding<Held>[]>;
}

/** What a kind may use to look. */
export interface Sight {
  means: Means;
  signal: AbortSignal;
}

/** What is different from what was recorded on a grant. */
export interface Finding<Held> {
  grantId: string;
  /** As it is now. */
  held: Held;
  /** Whether it must be given again. */
  again: boolean;
  /** What is in the way, if anything. */
  problem?: Outcome<Held>;
}

/** What a kind writes down about a grant before it acts. Of several keys, what stood there is asked in their order. */
export interface Writing<Held> {
  /**
   * Writes down what stood before us and what is about to be done, before it is done, so that a crash cannot forget
   * it. Answers whether the customer is still entitled at this moment.
   */
  record(held: Held): Promise<boolean>;
  /**
   * What stood on `key` before any grant of ours, given what was `found` there just now: that, for whoever looks first,
   * and else what was found then. Ask before giving; put it back, instead of taking everything away, when `release`
   * says `last`.
   */
  stood<Found extends object>(key: string, found: Found): Promise<Found>;
  /** Uses what a third party allows only so often; null when that was done, else when it is this grant's turn. */
  allow(allowances: readonly Allowance[]): Promise<Date | null>;
}

/** What a kind may do between its calls to a third party; each is durable when it resolves. */
export interface Hands<Held> extends Pick<Writing<Held>, 'record'> {
  /** Does several of these at the price of one: they stand together or not at all. */
  together<Result>(work: (writing: Writing<Held>) => Promise<Result>): Promise<Result>;
  /**
   * Asks to take the access away. `last`: nobody else holds it; remove it, then call `removed`. `shared`: an entitled
   * grant still holds it; leave it, perhaps at a lower level. `wait`: another grant is removing it, or is entitled to
   * it and yet to be given it; leave it, and try again shortly.
   */
  release(key: string): Promise<Release>;
  /** The access that `release` called the last is gone. */
  removed(key: string): Promise<void>;
  /** The highest level anyone entitled claims on `key`; null when nobody does. */
  level(key: string): Promise<number | null>;
  /**
   * When it is this grant's turn to use what a third party allows only so often; null when it is now. Nothing is used: it
   * is for asking nothing else in vain.
   */
  turn(allowances: readonly Allowance[]): Promise<Date | null>;
  /** It waits for nothing else any more: where it had a turn, others move up. */
  waitOnlyFor(names: readonly string[]): Promise<void>;
  /** What it takes to act for the account's holder; null when only they can help. `renew` when the last one was refused. */
  accessToken(accountId: string, refresh: Refresh, options?: { renew?: boolean }): Promise<string | null>;
  /** Writes down what went wrong at a place. */
  note(place: { provider: Provider; placeId: string }, problem: { code: string; message: string }): Promise<void>;
  now(): Date;
  /** Aborts when the time for this step is up. */
  signal: AbortSignal;
  means: Means;
}

/** Holds what a kind states to its contract while keeping the types of what it states. */
export const defineKind = <Properties extends z.ZodObject, Held extends z.ZodObject, Delivered extends z.ZodObject>(
  kind: Kind<Properties, Held, Delivered>,
): Kind => kind as unknown as Kind;

/**
 * A named reference to a noun. A property `meterId: reference('Meter')` is an id in the input and the field
 * `meter: Meter` in the answer; a list of them in `fileIds` becomes `files: [File!]!`.
 */
export const reference = (noun: string, description: string) => z.string().meta({ reference: noun, description });
