import type { IncomingMessage, ServerResponse } from 'node:http';
import { findDemo } from '../benefits/demo.ts';
import type { Services } from '../graphql/context.ts';
import { type Html, html } from '../lib/html.ts';
import { isAtThisMachine } from './peer.ts';

const SHOWN = 100;
/** Mails are what merchants and customers wrote: nothing in them runs, and nothing but pictures is fetched. */
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; img-src https:; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** The mails of the demo organization, for who sits at this machine; false for everybody else. */
export function openMailsPage({ database }: Services, demo: boolean) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
    const organization = demo && isAtThisMachine(request) ? await findDemo(database) : null;
    if (!organization) return false;
    const mails = await database.prisma.mail.findMany({
      where: { organizationId: organization.id, composedAt: { not: null } },
      orderBy: { id: 'desc' },
      take: SHOWN,
    });
    const chosen = new URL(request.url ?? '', 'http://localhost').searchParams.get('id');
    const open = mails.find(({ id }) => id === chosen) ?? mails[0];
    response.writeHead(200, HEADERS).end(page(mails, open).html);
    return true;
  };
}

interface Shown {
  id: string;
  state: string;
  recipient: string | null;
  subject: string | null;
  text: string | null;
  html: string | null;
  answer: string | null;
  composedAt: Date | null;
}

const page = (mails: readonly Shown[], open: Shown | undefined): Html => html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Mails · Boon</title>
<style>${STYLE}</style>
<nav>
<h1>Mails</h1>
${mails.length === 0 && html`<p>None yet. One comes when somebody buys something.</p>`}
${mails.map((mail) => entry(mail, mail === open))}
</nav>
${open && html`<main>${letter(open)}</main>`}
</html>
`;

const entry = ({ id, subject, recipient, state }: Shown, isOpen: boolean): Html =>
  html`<a href="?id=${id}"${isOpen && html` aria-current="true"`}><b>${subject}</b><span>${recipient} · ${state.toLowerCase()}</span></a>`;

const letter = ({ subject, recipient, answer, composedAt, text, html: content }: Shown): Html => html`
<header><h2>${subject}</h2><p>To ${recipient}, ${composedAt?.toISOString().slice(0, 16).replace('T', ' ')} UTC. ${answer}</p></header>
<iframe sandbox title="The mail" srcdoc="${content}"></iframe>
<details><summary>As plain text</summary><pre>${text}</pre></details>`;

const STYLE = html`
  * { box-sizing: border-box }
  body { margin: 0; font: 15px/1.5 system-ui, sans-serif; color: #18181b; display: grid; grid-template-columns: 20rem 1fr; height: 100vh }
  nav { overflow: auto; border-right: 1px solid #e4e4e7; padding: 1rem }
  h1 { font-size: 1.1rem; margin: 0 0 .75rem } h2 { font-size: 1rem; margin: 0 } header p, nav span { color: #71717a; font-size: .85rem; margin: 0 }
  nav a { display: block; padding: .5rem .75rem; border-radius: 8px; color: inherit; text-decoration: none; overflow-wrap: anywhere }
  nav a b { display: block; font-weight: 500 } nav a[aria-current] { background: #f4f4f5 }
  main { display: grid; grid-template-rows: auto 1fr auto; min-width: 0; min-height: 0 }
  header, details { padding: .75rem 1.25rem; border-bottom: 1px solid #e4e4e7 }
  iframe { width: 100%; height: 100%; border: 0 }
  pre { white-space: pre-wrap; overflow: auto; max-height: 40vh }
  @media (max-width: 45rem) {
    body { grid-template-columns: 1fr; grid-template-rows: 14rem 1fr } nav { border-right: 0; border-bottom: 1px solid #e4e4e7 }
  }
  @media (prefers-color-scheme: dark) {
    html { color-scheme: dark } body { color: #f4f4f5; background: #27272a } nav, header, details { border-color: #3f3f46 }
    header p, nav span { color: #a1a1aa } nav a[aria-current] { background: #3f3f46 }
  }`;
