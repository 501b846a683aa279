import { type Html, html } from '../../lib/html.ts';
import { renderMarkdown } from '../../lib/markdown.ts';
import type { Brand, Item, Letter } from './letter.ts';

/** Tables and styles on the elements themselves are what mail programs agree on; the sheet is for those that read it. */
const SHEET = html`
  body { margin: 0; padding: 0; background: #f4f4f5; color: #18181b; -webkit-text-size-adjust: 100%; }
  .card { background: #ffffff; }
  .says p, .says ul, .says ol, .says pre, .says blockquote { margin: 0 0 12px; }
  .says h1, .says h2, .says h3, .says h4 { font-size: 16px; line-height: 24px; margin: 0 0 8px; }
  .says ul, .says ol { padding-left: 20px; }
  .says a { color: #1d4ed8; }
  .says code { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: 14px; background: #f4f4f5; padding: 1px 4px; border-radius: 4px; }
  .says pre { background: #f4f4f5; padding: 12px; border-radius: 6px; white-space: pre-wrap; }
  .says blockquote { border-left: 3px solid #d4d4d8; padding-left: 12px; }
  .says > :last-child { margin-bottom: 0; }
  @media (max-width: 620px) { .outer { padding: 0 !important; } .card { border-radius: 0 !important; padding: 24px 20px !important; } }
  @media (prefers-color-scheme: dark) {
    body, .outer { background: #18181b !important; }
    .card { background: #27272a !important; border-color: #3f3f46 !important; }
    .card, .card td, .card h1, .card p { color: #f4f4f5 !important; }
    .item { border-color: #3f3f46 !important; }
    .soft, .soft a, .card .soft { color: #a1a1aa !important; }
    .says a { color: #93c5fd !important; }
    .says code, .says pre { background: #3f3f46 !important; }
    .card .note { background: #422006 !important; color: #fde68a !important; }
  }`;
const FONT = "font-family: system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif;";
const BODY = `${FONT} font-size: 16px; line-height: 24px; color: #18181b; overflow-wrap: anywhere;`;
const SOFT = `${FONT} font-size: 13px; line-height: 20px; color: #71717a; overflow-wrap: anywhere;`;

/** A letter as a page for mail programs. Everything but rendered Markdown is escaped. */
export const asPage = ({ subject, preview, paragraphs, items, button }: Letter, brand: Brand): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${subject}</title>
<style>${SHEET}</style>
</head>
<body>
<div style="display: none; max-height: 0; overflow: hidden;">${preview}</div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr>
<td class="outer" align="center" style="padding: 32px 16px; background: #f4f4f5;">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width: 600px;"><tr>
<td class="card" align="left" style="background: #ffffff; border: 1px solid #e4e4e7; border-radius: 12px; padding: 36px 40px; ${BODY}">
${head(brand)}
<h1 style="${FONT} font-size: 22px; line-height: 30px; font-weight: 650; margin: 0 0 16px;">${subject}</h1>
${brand.reader && paragraph(`Hello ${brand.reader},`)}
${paragraphs.map(paragraph)}
${items.length > 0 && html`<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="margin: 8px 0 0;">${items.map(row)}</table>`}
${button && link(button)}
</td></tr><tr>
<td class="soft" align="center" style="padding: 20px 24px; ${SOFT}">
${brand.supportEmail && html`Questions? Write to <a href="mailto:${brand.supportEmail}" style="color: #71717a;">${brand.supportEmail}</a>.<br>`}
${brand.reason}
</td></tr></table>
</td></tr></table>
</body>
</html>
`.html;

const head = ({ name, logoUrl }: Brand): Html =>
  logoUrl
    ? html`<img src="${logoUrl}" alt="${name}" height="40" style="display: block; width: auto; height: auto; max-width: 240px; max-height: 40px; margin: 0 0 24px; border: 0;">`
    : html`<p class="soft" style="margin: 0 0 20px; ${SOFT} font-weight: 600;">${name}</p>`;

const paragraph = (text: string): Html => html`<p style="margin: 0 0 16px;">${text}</p>`;

const row = ({ title, instructions, note, asks }: Item): Html => html`<tr>
<td class="item" style="border-top: 1px solid #e4e4e7; padding: 16px 0; ${BODY}">
<p dir="auto" style="margin: 0; font-weight: 600;">${title}</p>
${note && (asks ? asked(note) : html`<p class="soft" style="margin: 4px 0 0; ${SOFT}">${note}</p>`)}
${instructions && html`<div class="says" dir="auto" style="margin: 6px 0 0;">${renderMarkdown(instructions)}</div>`}
</td></tr>`;

const asked = (note: string): Html =>
  html`<p class="note" style="margin: 8px 0 0; padding: 10px 14px; border-radius: 8px; background: #fef3c7; color: #78350f; font-size: 15px;">${note}</p>`;

const link = ({ label, url }: { label: string; url: string }): Html =>
  html`<p style="margin: 16px 0 0;"><a href="${url}" style="display: inline-block; padding: 11px 20px; border-radius: 8px; background: #18181b; border: 1px solid #52525b; color: #ffffff; text-decoration: none; font-weight: 600;">${label}</a></p>`;
