import { expect, test, vi } from 'vitest';
import { batching, inHalves } from '../../src/lib/batching.ts';

test('calls that come while others are under way are done together, never more at once than there are lanes', async () => {
  const batches: number[] = [];
  let underWay = 0;
  let most = 0;
  const double = batching<number, number>({ most: 40, lanes: 2 }, async (inputs) => {
    batches.push(inputs.length);
    most = Math.max(most, ++underWay);
    await new Promise((resolve) => setImmediate(resolve));
    underWay -= 1;
    return inputs.map((input) => input * 2);
  });
  const answers = await Promise.all(Array.from({ length: 100 }, (_, input) => double(input)));
  expect(answers).toEqual(Array.from({ length: 100 }, (_, input) => input * 2));
  expect(batches).toEqual([40, 40, 20]);
  expect(most).toBe(2);
});

test('one mistake fails one call, a broken batch all of its calls and none after them', async () => {
  const work = batching<string, string>({ most: 10, lanes: 1 }, async (inputs) => {
    if (inputs.includes('broken')) throw new Error('The batch is broken.');
    return inputs.map((input) => (input === 'mistaken' ? new Error('A mistake.') : input));
  });
  const settled = await Promise.allSettled(['sound', 'mistaken'].map(work));
  expect(settled).toMatchObject([{ value: 'sound' }, { reason: { message: 'A mistake.' } }]);
  await expect(work('broken')).rejects.toThrow('The batch is broken.');
  expect(await work('sound')).toBe('sound');
});

test('no two batches under way have a key in common, and nobody is overtaken by one who needs the same', async () => {
  const underWay = new Map<string, () => void>();
  const batches: string[] = [];
  const keysOf = (keys: string) => keys.split('');
  const work = batching<string, string>({ most: 3, lanes: 2, keysOf }, async (inputs) => {
    const name = inputs.join(' ');
    batches.push(name);
    await new Promise<void>((resolve) => underWay.set(name, resolve));
    return inputs;
  });
  const end = async (name: string) => {
    await expect.poll(() => underWay.has(name)).toBe(true);
    underWay.get(name)?.();
  };
  const first = work('a');
  await expect.poll(() => batches).toEqual(['a']);
  const others = ['ab', 'b', 'c', 'a', 'd'].map(work);
  await end('c d');
  await expect.poll(() => batches).toEqual(['a', 'c d']);
  await end('a');
  await end('ab b a');
  expect(await Promise.all([first, ...others])).toEqual(['a', 'ab', 'b', 'c', 'a', 'd']);
  expect(batches).toEqual(['a', 'c d', 'ab b a']);
});

test('what fails for all is done in halves, so that it fails for those alone whose fault it is', async () => {
  const tried: string[] = [];
  const work = inHalves<string, string>(
    async (inputs) => {
      tried.push(inputs.join(''));
      if (inputs.some((input) => 'xy'.includes(input))) throw new Error(`No ${inputs.join('')}.`);
      return inputs.map((input) => (input === 'm' ? new Error('A mistake.') : input));
    },
    () => true,
  );
  expect(await work(['a', 'm', 'x'])).toMatchObject(['a', { message: 'A mistake.' }, { message: 'No x.' }]);
  expect(tried).toEqual(['amx', 'a', 'mx', 'm', 'x']);
  expect(await work(['y', 'c', 'd'])).toMatchObject([{ message: 'No y.' }, 'c', 'd']);
});

test('what may have been done is not done again', async () => {
  let tries = 0;
  const work = inHalves<string, string>(
    async () => {
      tries += 1;
      throw new Error('The answer was lost.');
    },
    () => false,
  );
  await expect(work(['a', 'b'])).rejects.toThrow('The answer was lost.');
  expect(tries).toBe(1);
});

test('where each failure takes its time, it ends in minutes, however many they are', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  let tries = 0;
  const work = inHalves<number, number>(
    async () => {
      tries += 1;
      vi.advanceTimersByTime(30_000);
      throw new Error('It is locked.');
    },
    () => true,
  );
  const answers = await work(Array.from({ length: 200 }, (_, input) => input)).finally(() => vi.useRealTimers());
  expect(answers.every((answer) => answer instanceof Error)).toBe(true);
  expect(tries).toBeLessThan(10);
});
