import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { openApp } from '../../src/app.ts';
import { readConfig, readProviders } from '../../src/config.ts';
import * as accessTokens from '../../src/domain/access-tokens.ts';
import * as integrations from '../../src/domain/integrations/integrations.ts';
import * as looks from '../../src/domain/looks.ts';
import * as organizations from '../../src/domain/organizations.ts';
import * as settlements from '../../src/domain/settlements.ts';
import { MINUTE_MS } from '../../src/lib/time.ts';
import { openLog } from '../../src/platform/log.ts';
import type { Exchange } from '../../src/sandbox/exchange.ts';
import { PERMISSIONS, type Permission } from '../../src/sandbox/github/state.ts';
import { openSandbox } from '../../src/sandbox/sandbox.ts';
import { openContract } from './contract.ts';
import { testDatabase } from './database.ts';
import { temporaryFolder } from './folder.ts';
import { post } from './post.ts';
import { TEST_SECRET } from './secret.ts';

export type Town = Awaited<ReturnType<typeof openTown>>;

// biome-ignore lint/suspicious/noExplicitAny: an answer is whatever the document asks for
type Data = any;

const LOOK_MS = 20;
const MOST_ROUNDS = 60;
/** Delays of what keeps failing grow beyond it. */
const SOON_MS = 5 * MINUTE_MS;
const GRANTS = `query ($id: ID!) { customer(by: { id: $id }) { grants { edges { node {
  id state revoking instructions attention { code message actor attempts retryAt }
  delivery {
    ... on GitHubRepositoryDelivery { repositories: items { name status permission error { code message } repairedAt } }
    ... on DiscordDelivery { roles: items { roleId status error { code message } repairedAt } }
  } } } } } }`;

interface TownOptions {
  limits?: 'on' | 'off';
  /** `api`: nobody works, unless the test starts somebody who does. */
  role?: 'all' | 'api';
  /** Where others reach it; without it where it listens. */
  publicUrl?: string;
}

/**
 * Boon as it runs, asked over HTTP, with its jobs and timers at work, beside an emulated GitHub and Discord. All three
 * live by one clock, which a test moves. Whatever Boon sends and is answered is held to the published contracts.
 */
export async function openTown({ limits = 'off', role = 'all', publicUrl = '' }: TownOptions = {}) {
  await using stack = new AsyncDisposableStack();
  const contract = openContract();
  let hooks: ((exchange: Exchange) => void | Promise<void>)[] = [];
  const onExchange = async (exchange: Exchange) => {
    contract.hear(exchange);
    for (const hook of hooks) await hook(exchange);
  };
  const sandbox = stack.use(await openSandbox({ limits, onExchange }));
  const { github: hub, discord: realm, clock } = sandbox;
  const acme = hub.addOrganization('acme');
  hub.install('acme');
  const guild = realm.addGuild('Club', { roles: ['Premium', 'Supporter', 'Extra'] });
  const roles = new Map([...guild.roles.values()].map(({ id, name }) => [name, id]));

  const { url: databaseUrl } = stack.use(await testDatabase());
  const { path } = stack.use(await temporaryFolder());
  const env = { DATABASE_URL: databaseUrl, PUBLIC_URL: publicUrl, PORT: '0', DEMO: 'off', DATA_DIR: path };
  const app = stack.use(
    await openApp({
      config: readConfig(env, ['--role', role]),
      secrets: [TEST_SECRET],
      providers: readProviders(sandbox.environment),
      clock: clock.now,
      log: openLog('silent'),
    }),
  );
  const { transaction, database } = app.services;
  const url = app.url ?? '';
  const { id: organizationId } = await transaction((tx) => organizations.create(tx, { name: 'Acme' }));
  const { token } = await transaction((tx) => accessTokens.create(tx, { organizationId, name: 'A test' }));
  await transaction(async (tx) => {
    for (const [provider, placeId, name] of [
      ['GITHUB', String(acme.id), 'acme'],
      ['DISCORD', guild.id, 'Club'],
    ] as const)
      await integrations.connect(tx, { organizationId, provider, places: [{ placeId, name }] });
  });
  const closing = stack.move();
  let people = 0;
  const byHand = new Map<string, number>();
  const residents = new Set<string>();

  const ask = async (query: string, variables: object = {}, as = token): Promise<Data> => {
    const { body } = await post(url, { query, variables, token: as });
    if (!body?.data || body.errors) throw new Error(JSON.stringify(body));
    return body.data;
  };
  /** Runs a mutation; its payload, or the mistake it answers. */
  const call = async (name: string, input: object, selection: string, as = token): Promise<Data> => {
    const title = name.charAt(0).toUpperCase() + name.slice(1);
    const answer = await ask(
      `mutation ($input: ${title}Input!) { ${name}(input: $input) { __typename
        ... on ${title}Payload { ${selection} } ... on UserError { code message path } } }`,
      { input },
      as,
    );
    return answer[name];
  };
  const dueBy = async (until: Date): Promise<Date | null> => {
    const [row] = await database.prisma.customer.findMany({
      where: { settleAt: { lte: until } },
      select: { settleAt: true },
      orderBy: { settleAt: 'asc' },
      take: 1,
    });
    return row?.settleAt ?? null;
  };
  /** As the timer does twice a second. */
  const requestDue = () => transaction((tx) => settlements.requestDue(tx));
  /** In one look: between two, what is due may have become a job. */
  const isBusy = async (): Promise<boolean> => {
    const [{ busy = true } = {}] = await database.read<{ busy: boolean }>(
      'whether anything is under way',
      `SELECT EXISTS (SELECT FROM pgboss.job WHERE state < 'completed' AND name = ANY($1))
        OR EXISTS (SELECT FROM "Rollout" WHERE "spreadAt" IS NULL) OR EXISTS (SELECT FROM "RolloutCustomer")
        OR EXISTS (SELECT FROM "Customer" WHERE "settlingUntil" IS NOT NULL OR "settleAt" <= $2) AS busy`,
      [['settle-customer', 'settle-outside', 'spread-rollout', 'look-after-benefit'], clock.now()],
    );
    return busy;
  };

  const town = {
    url,
    token,
    databaseUrl,
    database,
    transaction,
    organizationId,
    sandbox,
    hub,
    realm,
    guild,
    contract,
    ask,
    call,
    /** What was given without us, and must stay. */
    byHand,
    /** Who is in the server without us. */
    residents,
    roleId: (name: string) => roles.get(name) ?? name,
    /** Hears of every call Boon makes, after its effect and before its answer; until the end of the test, see `calm`. */
    during(route: string, act: (exchange: Exchange) => unknown, times = 1): void {
      let left = times;
      hooks.push(async (exchange) => {
        if (exchange.route !== route || left <= 0) return;
        left -= 1;
        await act(exchange);
      });
    },
    /** No failures are ordered and nobody listens any more. */
    calm(): void {
      hooks = [];
      hub.mend();
      realm.mend();
    },
    /** A repository of `acme`. */
    repository: (name: string) => void hub.addRepository(`acme/${name}`),
    properties: (given: Record<string, string> | readonly string[], more: object = {}) =>
      Array.isArray(given)
        ? { discord: { guildId: guild.id, roles: given.map((name) => ({ roleId: town.roleId(name) })), ...more } }
        : {
            githubRepository: {
              repositories: Object.entries(given).map(([name, permission]) => ({ owner: 'acme', name, permission })),
            },
          },
    /** A benefit: on repositories of `acme`, by permission, or with roles of the server. */
    async benefit(given: Record<string, string> | readonly string[], more: object = {}): Promise<string> {
      const properties = town.properties(given, more);
      const made = await call('createBenefit', { description: 'Access', properties }, 'benefit { id }');
      return made.benefit?.id ?? fail(made);
    },
    async edit(id: string, given: Record<string, string> | readonly string[], more: object = {}): Promise<void> {
      const made = await call('updateBenefit', { id, properties: town.properties(given, more) }, 'benefit { id }');
      if (!made.benefit) fail(made);
    },
    async customer(): Promise<string> {
      const made = await call('createCustomer', { email: `c${++people}@example.com` }, 'customer { id }');
      return made.customer?.id ?? fail(made);
    },
    /** A purchase of these benefits: the subscription. */
    async subscribe(customerId: string, ...benefitIds: string[]): Promise<string> {
      const { product } = await call('createProduct', { name: 'Product' }, 'product { id }');
      await call('updateProductBenefits', { id: product.id, benefitIds }, 'product { id }');
      const input = { customer: { id: customerId }, productId: product.id };
      const made = await call('createSubscription', input, 'subscription { id }');
      return made.subscription?.id ?? fail(made);
    },
    cancel: (id: string) => call('cancelSubscription', { id, atPeriodEnd: false }, 'subscription { id }'),
    retry: (id: string) => call('retryBenefitGrant', { id }, 'grant { id }'),
    /** Somebody at GitHub and at Discord. */
    person(): { login: string; id: number; memberId: string } {
      const login = `person-${++people}`;
      return { login, id: hub.addUser(login).id, memberId: realm.addUser(login).id };
    },
    /** As their browser does it: out with a ticket, over the page where they allow it, and back with the cookie. */
    async link(customerId: string, provider: 'GITHUB' | 'DISCORD', person: { id: number; memberId: string }) {
      const begun = await call('startAccountLink', { provider, customer: { id: customerId } }, 'url');
      const out = await fetch(begun.url ?? fail(begun), { redirect: 'manual' });
      const [cookie = ''] = (out.headers.get('set-cookie') ?? '').split(';');
      const as = provider === 'GITHUB' ? person.id : person.memberId;
      const back = await sandbox.consent(out.headers.get('location') ?? '', { as });
      const done = await fetch(back, { headers: { cookie } });
      expect(await done.text()).toContain('It is linked');
    },
    async unlink(customerId: string, provider: 'GITHUB' | 'DISCORD'): Promise<void> {
      const { customer } = await ask(
        `query ($id: ID!) { customer(by: { id: $id }) { accounts { id provider inUse } } }`,
        { id: customerId },
      );
      const used = customer.accounts.find((one: Data) => one.provider === provider && one.inUse);
      await call('unlinkAccount', { id: used.id }, 'customer { id }');
    },
    /** Somebody new who has linked their account and subscribes to these; everything is given by then. */
    async subscriber(provider: 'GITHUB' | 'DISCORD', ...benefitIds: string[]) {
      const [customerId, person] = [await town.customer(), town.person()];
      await town.link(customerId, provider, person);
      const subscription = await town.subscribe(customerId, ...benefitIds);
      await town.quiet();
      return { customerId, person, subscription };
    },
    grants: async (customerId: string): Promise<Data[]> =>
      (await ask(GRANTS, { id: customerId })).customer.grants.edges.map(({ node }: Data) => node),
    async grant(customerId: string): Promise<Data> {
      const [grant] = await town.grants(customerId);
      return grant;
    },
    /** What the owner of a repository of `acme` gives by hand. */
    letIn(name: string, { login, id }: { login: string; id: number }, permission: Permission): void {
      hub.addCollaborator(`acme/${name}`, login, permission);
      byHand.set(repositoryKey(hub.repository(`acme/${name}`).id, id), PERMISSIONS.indexOf(permission));
    },
    /** Somebody comes to the server by themselves, and a moderator gives them a role. */
    joinByHand({ login, memberId }: { login: string; memberId: string }, role?: string): void {
      realm.join(guild.id, login);
      residents.add(memberId);
      if (!role) return;
      realm.giveRole(guild.id, login, town.roleId(role));
      byHand.set(roleKey(guild.id, town.roleId(role), memberId), 0);
    },
    /** Who is in a repository of `acme`, or invited to it. */
    access: (name: string): Record<string, string> => ({
      ...hub.collaborators(`acme/${name}`),
      ...hub.invitations(`acme/${name}`),
    }),
    rolesOf: ({ login }: { login: string }) => realm.rolesOf(guild.id, login)?.sort() ?? null,
    passTime: (milliseconds: number) => clock.advance(milliseconds),
    now: () => clock.now(),
    /** Until nothing is under way, and nothing due. */
    async quiet(): Promise<void> {
      while (await isBusy()) await pause(LOOK_MS);
    },
    /** The same, with time passing until nothing is due within minutes. */
    async settled(): Promise<void> {
      for (let round = 0; round < MOST_ROUNDS; round++) {
        await town.quiet();
        const next = await dueBy(new Date(clock.now().getTime() + SOON_MS));
        if (!next) return;
        clock.advance(Math.max(0, next.getTime() - clock.now().getTime()));
        await requestDue();
      }
      throw new Error(`There is still something due after ${MOST_ROUNDS} rounds.`);
    },
    /** As the timer does every ten minutes: whatever was given is looked after. */
    async look(): Promise<void> {
      clock.advance(11 * MINUTE_MS);
      await transaction((tx) => looks.requestDue(tx, ['github_repository', 'discord']));
      await town.settled();
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
  return town;
}

/** How access of one account is written down, see expectEven. */
export const repositoryKey = (id: string | number, accountId: string | number): string =>
  `repository ${id} of ${accountId}`;
export const roleKey = (guildId: string, roleId: string, accountId: string): string =>
  `role ${roleId} in ${guildId} of ${accountId}`;

function fail(answer: unknown): never {
  throw new Error(JSON.stringify(answer));
}
