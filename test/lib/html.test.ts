import { expect, test } from 'vitest';
import { escapeHtml, html, raw } from '../../src/lib/html.ts';

test('what is put in is escaped, in text and in attributes', () => {
  const evil = `"><script>alert('1')</script>&`;
  expect(html`<a title="${evil}">${evil}</a>`.html).toBe(`<a title="${escapeHtml(evil)}">${escapeHtml(evil)}</a>`);
  expect(escapeHtml(evil)).toBe('&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;');
});

test('pieces go into pieces as they are, lists one after the other, and what there is none of not at all', () => {
  const items = ['<a>', 'b'].map((text) => html`<li>${text}</li>`);
  expect(html`<ul>${items}</ul>${null}${undefined}${false}${0}${raw('<br>')}`.html).toBe(
    '<ul><li>&lt;a&gt;</li><li>b</li></ul>0<br>',
  );
});
