import { expect, test } from 'vitest';
import { urlProblem } from '../../src/providers/http-urls.ts';

test.each([
  'https://example.com/webhooks?a=b',
  'http://example.com:8080',
  'HTTPS://EXAMPLE.COM./',
  'https://münchen.example/',
  'https://8.8.8.8/',
  'https://[2606:4700::1111]/',
  'https://my_service.example/',
])('%s can be called', (url) => expect(urlProblem(url)).toBeNull());

test.each([
  ['', 'not a URL'],
  ['example.com', 'not a URL'],
  ['mailto:a@example.com', 'not a URL'],
  ['https:/example.com', 'not a URL'],
  ['ftp://example.com', 'Only http and https'],
  ['file:///etc/passwd', 'Only http and https'],
  ['https://', 'names no host'],
  ['https:///path', 'names no host'],
  ['https://me:secret@example.com', 'user name or a password'],
  ['https://me@example.com', 'user name or a password'],
  ['https://exa mple.com', 'not a valid domain name'],
  ['https://a..example', 'not a valid domain name'],
  ['https://-a.example', 'not a valid domain name'],
  ['https://xn--/', 'not a valid domain name'],
  ['https://xn--zzzzz-99.example', 'not a valid domain name'],
  ['https://ab\u200d.example', 'not a valid domain name'],
  ['https://\u00ad', 'not a valid domain name'],
  [`https://${'a'.repeat(64)}.example`, 'not a valid domain name'],
  [`https://${'a.'.repeat(127)}example`, 'not a valid domain name'],
  ['https://999.1.1.1', 'not a valid domain name'],
  ['https://exa\r\nmple.com', 'a line break'],
  ['http://1\t0.0.0.1', 'a control character'],
  ['https://example.com/\r\nX-Evil: 1', 'a line break'],
  ['https://example.com/\u2028', 'a line break'],
  ['https://example.com/\0', 'a control character'],
  ['https://example.com:99999', 'not a valid URL'],
  ['https://[::1%25lo]', 'not a valid URL'],
  [`https://example.com/${'a'.repeat(2_048)}`, 'at most 2048 characters'],
])('%.60s is refused in words', (url, words) => expect(urlProblem(url)).toContain(words));
