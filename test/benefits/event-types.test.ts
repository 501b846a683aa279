import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { kinds } from '../../src/benefits/kinds.ts';
import { EVENT_TYPES, sampleBody } from '../../src/benefits/samples.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** `'benefit_grant.created'`: of something that events are about, in quotes. */
const TYPE = /'([a-z_]+)\.([a-z_]+)'/g;
const NOUNS = new Set(EVENT_TYPES.map((type) => type.replace(/\..*/, '')));
/** Variables of notes, which look alike. */
const ATTRIBUTES = new Set(['id', 'name', 'email', 'description']);

/** What the source names. */
async function toldTypes(): Promise<Set<string>> {
  const told = new Set<string>();
  for await (const path of glob('src/{domain,benefits}/**/*.ts', { cwd: ROOT })) {
    if (path.endsWith('benefits/samples.ts')) continue;
    for (const [, noun = '', word = ''] of (await readFile(join(ROOT, path), 'utf8')).matchAll(TYPE))
      if (NOUNS.has(noun) && !ATTRIBUTES.has(word)) told.add(`${noun}.${word}`);
  }
  // Put together from what was decided.
  for (const type of ['license_key.disabled', 'license_key.enabled']) told.add(type);
  return told;
}

test('every type of event that is told stands in docs/webhooks.md', async () => {
  const told = await toldTypes();
  const docs = await readFile(join(ROOT, 'docs', 'webhooks.md'), 'utf8');
  expect(told.size).toBeGreaterThan(20);
  expect([...told].filter((type) => !docs.includes(`\`${type}\``))).toEqual([]);
});

test('every type of event that is told can be tried, and no other', async () => {
  expect([...EVENT_TYPES].sort()).toEqual([...(await toldTypes())].sort());
});

test('every type of event is tried for being told once, and never for nothing', async () => {
  let tried = '';
  for await (const path of glob('test/domain/events.once.*', { cwd: ROOT }))
    tried += await readFile(join(ROOT, path), 'utf8');
  expect(EVENT_TYPES.filter((type) => !tried.includes(`'${type}'`))).toEqual([]);
});

test.each(kinds.map((kind) => [kind.type, kind] as const))(
  'a test event of each type is about the example of %s',
  (_type, kind) => {
    for (const type of EVENT_TYPES) {
      const event = JSON.parse(
        sampleBody(kinds, { organizationId: 'org_x', type, kind: kind.type, now: new Date() })('evt_x'),
      );
      expect(event).toMatchObject({ type, id: 'evt_x', test: true, data: expect.any(Object) });
      const of = event.data.benefit ?? (type.startsWith('benefit.') ? event.data : null);
      if (of) expect(of.type).toBe(kind.type);
      expect(Object.values(event.data).filter((value) => value === undefined)).toEqual([]);
    }
  },
);
