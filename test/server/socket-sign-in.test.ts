import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import * as accessTokens from '../../src/domain/access-tokens.ts';
import * as customerSessions from '../../src/domain/customer-sessions.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/lib/time.ts';
import { type Node, openNode } from '../support/node.ts';
import { openSocket } from '../support/socket.ts';

const EVENTS = 'subscription { eventAppended { id } }';
const hence = (milliseconds: number) => new Date(Date.now() + milliseconds);

let node: Node;
let token: string;
beforeAll(async () => {
  node = await openNode();
  token = (await node.token()).token;
});
afterAll(() => node[Symbol.asyncDispose]());

describe('signing in', () => {
  test('a token in connectionParams lets one in, as authorization or as token', async () => {
    for (const params of [{ authorization: `Bearer ${token}` }, { Authorization: `bearer ${token}` }, { token }]) {
      const { hear, socket } = await openSocket(node.url, params);
      expect(await hear('connection_ack')).toEqual({ type: 'connection_ack' });
      socket.close();
    }
  });

  const BAD = {
    'no token': {},
    'an empty one': { authorization: '' },
    'one that nobody has': { authorization: 'Bearer boon_at_nobody' },
    'one without its scheme': { authorization: 'boon_at_nobody' },
    'one that is no text': { authorization: { a: 1 } },
  };
  test.each(Object.entries(BAD))('with %s the socket is closed with 4401', async (_what, params) => {
    const { closed } = await openSocket(node.url, params);
    expect((await closed).code).toBe(4401);
  });

  test('with an expired token it is closed with 4403, with a revoked one with 4401', async () => {
    const expired = await node.token({ expiresAt: hence(HOUR_MS) });
    await node.database.prisma.accessToken.update({ where: { id: expired.id }, data: { expiresAt: new Date(0) } });
    expect((await (await openSocket(node.url, { token: expired.token })).closed).code).toBe(4403);
    const revoked = await node.token();
    await node.transaction((tx) => accessTokens.revoke(tx, { organizationId: node.organizationId, id: revoked.id }));
    expect((await (await openSocket(node.url, { token: revoked.token })).closed).code).toBe(4401);
  });

  test('who does not sign in is not let in, nor kept', async () => {
    const { subscribe, closed } = await openSocket(node.url, null);
    subscribe(EVENTS);
    expect((await closed).code).toBe(4401);
    expect((await (await openSocket(node.url, null)).closed).code).toBe(4408);
  });
});

/** Of this process's own: where it has to wait for others on the machine, each of these takes longer. */
const twoSeconds = async () => {
  for (let tick = 0; tick < 200; tick++) await pause(10);
};

describe('when the sign-in ends, within 2 seconds, the socket is closed with 4403', () => {
  const closes = async (credential: string, end: () => Promise<unknown>, at = node) => {
    const { hear, closed } = await openSocket(at.url, { token: credential });
    await hear('connection_ack');
    await end();
    expect(await Promise.race([closed, twoSeconds()])).toMatchObject({ code: 4403 });
  };

  test('a token is revoked', async () => {
    const { id, token } = await node.token();
    await closes(token, () =>
      node.transaction((tx) => accessTokens.revoke(tx, { organizationId: node.organizationId, id })),
    );
  });

  test('a session is revoked', async () => {
    const { id, token } = await node.session((await node.customer()).id);
    await closes(token, () =>
      node.transaction((tx) => customerSessions.revoke(tx, { organizationId: node.organizationId, id })),
    );
  });

  test('a token or session expires', async () => {
    await using later = await openNode();
    const token = await later.token({ expiresAt: hence(HOUR_MS) });
    const session = await later.session((await later.customer()).id);
    for (const credential of [token.token, session.token]) {
      later.time.now = null;
      await closes(
        credential,
        async () => {
          later.time.now = hence(HOUR_MS + MINUTE_MS);
        },
        later,
      );
    }
  });

  test('a token is gone without having been revoked: within a minute more', async () => {
    await using later = await openNode();
    const { id, token } = await later.token();
    await closes(
      token,
      async () => {
        await later.database.prisma.accessToken.delete({ where: { id } });
        later.time.now = hence(MINUTE_MS);
      },
      later,
    );
  });

  test('but not a session that was used meanwhile, before it ends after all', async () => {
    await using later = await openNode();
    const { id, token } = await later.session((await later.customer()).id);
    const { hear, closed } = await openSocket(later.url, { token });
    await hear('connection_ack');
    let isOpen = true;
    closed.then(() => (isOpen = false)).catch(() => {});
    const where = { id };
    await later.database.prisma.customerSession.update({ where, data: { expiresAt: hence(3 * HOUR_MS) } });
    const reads = vi.spyOn(later.database, 'read');
    later.time.now = hence(2 * HOUR_MS);
    await expect
      .poll(() =>
        reads.mock.settledResults.some(
          ({ type }, index) => type === 'fulfilled' && reads.mock.calls[index]?.[0] === 'sign-ins still good',
        ),
      )
      .toBe(true);
    expect(isOpen).toBe(true);
    later.time.now = hence(4 * HOUR_MS);
    expect((await closed).code).toBe(4403);
  });

  test('server-sent events are broken off', async () => {
    const { id, token } = await node.token();
    const headers = {
      authorization: `Bearer ${token}`,
      accept: 'text/event-stream',
      'content-type': 'application/json',
    };
    const response = await fetch(`${node.url}/graphql`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query: EVENTS }),
    });
    const reading = response.text();
    await node.transaction((tx) => accessTokens.revoke(tx, { organizationId: node.organizationId, id }));
    await expect(reading).rejects.toThrow();
  });
});
