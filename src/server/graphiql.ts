import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { demoToken, findDemo } from '../benefits/demo.ts';
import { inputKeyOf } from '../graphql/benefit/kinds.ts';
import type { Services } from '../graphql/context.ts';
import { DAY_MS } from '../lib/time.ts';
import type { PersistedOperations } from './persisted.ts';

/** A page to try the API on, whole in itself: it loads nothing from elsewhere. */
export interface Playground {
  /** With a token of the demo organization in it: only for who sits at this machine. */
  forThisMachine(): Promise<Buffer>;
  forEveryone(): Promise<Buffer>;
}

const compress = promisify(gzip);
/** Less than the token is good for. */
const RENEW_TOKEN_MS = DAY_MS / 2;

export function openPlayground(
  { database, transaction, kinds, clock }: Services,
  { persisted, demo }: { persisted: PersistedOperations; demo: boolean },
): Playground {
  let plain: Promise<Buffer> | undefined;
  let signedIn: { page: Promise<Buffer>; madeAt: number } | undefined;

  const tabs = (headers: string) =>
    EXAMPLES(kinds[0]).map(({ name, variables }) => ({
      query: persisted.named(name) ?? '',
      variables: JSON.stringify(variables, null, 2),
      headers,
    }));
  const page = async (token: string | null): Promise<Buffer> => {
    const headers = JSON.stringify(
      token ? { authorization: `Bearer ${token}` } : { authorization: 'Bearer <token>' },
      null,
      2,
    );
    // It weighs 9 MB: only who opens the page pays for it.
    const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
    const defaultTabs = tabs(headers);
    const html = renderGraphiQL({
      title: 'Boon',
      endpoint: '/graphql',
      // The tab that is open at first takes its text and variables from here alone; the page reads what its types leave out.
      ...defaultTabs[0],
      headers,
      defaultTabs,
      shouldPersistHeaders: false,
      defaultEditorToolsVisibility: 'variables',
    });
    return compress(html);
  };
  const withToken = async (): Promise<Buffer> => {
    const organization = demo ? await findDemo(database) : null;
    return organization ? page(await demoToken(transaction, organization.id)) : playground.forEveryone();
  };
  const playground: Playground = {
    forEveryone: () => (plain ??= page(null)),
    forThisMachine() {
      const now = clock().getTime();
      if (!signedIn || now - signedIn.madeAt > RENEW_TOKEN_MS) {
        const made = { page: withToken(), madeAt: now };
        made.page.catch(() => {
          if (signedIn === made) signedIn = undefined;
        });
        signedIn = made;
      }
      return signedIn.page;
    },
  };
  return playground;
}

/** What is already in the tabs. */
const EXAMPLES = (kind: Services['kinds'][number] | undefined) => [
  { name: 'Customer', variables: { by: { email: 'ada@example.com' } } },
  { name: 'EventAppended', variables: {} },
  {
    name: 'CreateBenefit',
    variables: kind && {
      input: { description: kind.example.description, properties: { [inputKeyOf(kind)]: kind.example.properties } },
    },
  },
  { name: 'CreateCustomer', variables: { input: { email: 'joan@example.com', name: 'Joan Clarke' } } },
  { name: 'BenefitGrants', variables: { first: 20 } },
];
