import { expect, test } from 'vitest';
import { renderMarkdown } from '../../src/lib/markdown.ts';

test('Markdown becomes HTML, and addresses become links', () => {
  expect(renderMarkdown('Say **hello** at https://acme.dev').html).toBe(
    '<p>Say <strong>hello</strong> at <a href="https://acme.dev">https://acme.dev</a></p>',
  );
});

test.each([
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '[x](javascript:alert(1))',
  '[x](JaVaScRiPt&colon;alert(1))',
  '[x](data:text/html,<script>alert(1)</script>)',
  '[x](vbscript:x)',
  '![x](https://evil.dev/seen.png)',
  '[x](https://a.dev "\\" onmouseover=alert(1) \\"")',
  '<https://a.dev/"onclick="alert(1)>',
  '```"><script>\nalert(1)\n```',
])('%s does nothing', (text) => {
  const { html } = renderMarkdown(text);
  expect(html).not.toMatch(/<(script|img|iframe|svg|object)/i);
  expect(html).not.toMatch(/href="?\s*(javascript|data|vbscript)/i);
  expect(html).not.toMatch(/<[^>]*\son\w+\s*=\s*(?![^"]*&quot;)[^>]*>/i);
});
