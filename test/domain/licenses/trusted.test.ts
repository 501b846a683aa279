import { afterEach, expect, test, vi } from 'vitest';
import { openTrusted } from '../../../src/domain/licenses/trusted.ts';

interface Thing {
  name: string;
  owner: string;
  version: number;
}

afterEach(() => vi.restoreAllMocks());

/** A store that can be changed, and held up in the middle of a reading. */
function openStore() {
  const store = { version: 1, readings: [] as string[][], held: null as Promise<void> | null };
  const things = openTrusted<string, Thing>(
    async (names) => {
      store.readings.push([...names]);
      const { version } = store;
      await store.held;
      return names.map((name) => (name === 'nothing' ? null : { name, owner: `owner of ${name}`, version }));
    },
    ({ owner }) => owner,
  );
  return {
    store,
    find: (name: string) => things.find(name, name),
    forget: (name: string) => things.forget(`owner of ${name}`),
  };
}

const pass = (milliseconds: number) => {
  const now = performance.now() + milliseconds;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
};

test('what is missed together is read together, each of it once, and then known', async () => {
  const { store, find } = openStore();
  await Promise.all(['a', 'b', 'a', 'nothing', 'nothing'].map(find));
  expect(store.readings).toEqual([['a', 'b', 'nothing']]);
  expect(find('a')).toMatchObject({ version: 1 });
  expect(find('nothing')).toBeNull();
});

test('nothing is trusted for longer than 800 ms', async () => {
  const { store, find } = openStore();
  await find('a');
  store.version = 2;
  pass(801);
  expect(await find('a')).toMatchObject({ version: 2 });
});

test('what is asked for often is read anew before that, while it still answers', async () => {
  const { store, find } = openStore();
  await find('a');
  store.version = 2;
  pass(600);
  expect(find('a')).toMatchObject({ version: 1 });
  await expect.poll(() => find('a')).toMatchObject({ version: 2 });
});

test('what is forgotten is read anew, and no reading from before brings it back', async () => {
  const { store, find, forget } = openStore();
  const { promise, resolve } = Promise.withResolvers<void>();
  store.held = promise;
  const early = find('a');
  await expect.poll(() => store.readings.length).toBe(1);
  store.version = 2;
  store.held = null;
  forget('a');
  const late = find('a');
  resolve();
  expect(await early).toMatchObject({ version: 1 });
  expect(await late).toMatchObject({ version: 2 });
  expect(await find('a')).toMatchObject({ version: 2 });
});

test('nobody joins a reading that began long ago', async () => {
  const { store, find } = openStore();
  const { promise, resolve } = Promise.withResolvers<void>();
  store.held = promise;
  const early = find('a');
  await expect.poll(() => store.readings.length).toBe(1);
  const joined = find('a');
  store.version = 2;
  store.held = null;
  pass(600);
  expect(await find('a')).toMatchObject({ version: 2 });
  resolve();
  expect(await early).toMatchObject({ version: 1 });
  expect(await joined).toMatchObject({ version: 1 });
  expect(await find('a')).toMatchObject({ version: 2 });
});

test('what grows old in steady use is read anew together, not one by one', async () => {
  const { store, find } = openStore();
  await Promise.all(['a', 'b', 'c'].map(find));
  pass(600);
  for (const name of ['a', 'b']) void find(name);
  await new Promise((resolve) => setImmediate(resolve));
  void find('c');
  await expect
    .poll(() => store.readings)
    .toEqual([
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
    ]);
});

test('what was not there is forgotten with any change', async () => {
  const { store, find, forget } = openStore();
  const { promise, resolve } = Promise.withResolvers<void>();
  store.held = promise;
  const early = find('nothing');
  await expect.poll(() => store.readings.length).toBe(1);
  forget('a');
  resolve();
  expect(await early).toBeNull();
  store.held = null;
  await find('nothing');
  expect(store.readings).toEqual([['nothing'], ['nothing']]);
});
