import { type Html, html } from '../html.ts';

/** A whole page around this body. */
export const page = (title: string, body: Html): string =>
  html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
${body}
</html>
`.html;

const STYLE = html`
  * { box-sizing: border-box }
  body { margin: 0; font: 15px/1.5 system-ui, sans-serif; color: #18181b; background: #fafafa }
  main { max-width: 62rem; margin: 0 auto; padding: 2rem 1.25rem 4rem }
  h1 { font-size: 1.4rem; margin: .5rem 0 } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem } p { margin: .25rem 0 1rem; color: #52525b; max-width: 46rem }
  .tag { display: inline-block; margin: 0; padding: .1rem .6rem; border-radius: 99px; background: #fef3c7; color: #92400e; font-size: .8rem }
  .consent { max-width: 27rem } .consent form { display: grid; gap: .5rem }
  .consent button { padding: .7rem 1rem; text-align: left; font-size: 1rem }
  .cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(19rem, 1fr)); gap: 1rem }
  .card { background: #fff; border: 1px solid #e4e4e7; border-radius: 10px; padding: 1rem }
  .card h3 { margin: 0 0 .5rem; font-size: .95rem } .card h3 small, .muted { color: #71717a; font-weight: 400; font-size: .85rem }
  ul { list-style: none; margin: 0; padding: 0 } li { display: flex; gap: .5rem; align-items: center; padding: .3rem 0; border-top: 1px solid #f4f4f5 }
  li { flex-wrap: wrap } li > :first-child { flex: 1; min-width: 4rem; overflow-wrap: anywhere } li form { margin: 0 }
  .pill { background: #f4f4f5; border-radius: 99px; padding: .05rem .55rem; font-size: .8rem; white-space: nowrap } .pill.wait { background: #fef3c7; color: #92400e }
  button { font: inherit; font-size: .85rem; border: 1px solid #d4d4d8; border-radius: 7px; background: #fff; padding: .25rem .6rem; cursor: pointer }
  button:hover { background: #f4f4f5 } button.go { background: #18181b; color: #fff; border-color: #18181b } button.quiet { color: #71717a }
  table { border-collapse: collapse; width: 100%; font-size: .85rem } td { padding: .2rem .5rem .2rem 0; border-top: 1px solid #f4f4f5; white-space: nowrap; vertical-align: top } td:nth-child(3) { white-space: normal; overflow-wrap: anywhere; width: 100% } code { font-size: .85em }
  .row { display: flex; gap: .5rem; flex-wrap: wrap; align-items: center } .row form { margin: 0 }`;
