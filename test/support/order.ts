import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** These start processes, browsers and stores, whatever their size. */
const SLOW = /test\/(scenarios|jobs)\/|\/main\.test|\.(browser|dying)\.test/;

/** What takes longest begins first, then what is largest: in the end nobody waits for one that goes on alone. */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const slow = sorted.filter(({ moduleId }) => SLOW.test(moduleId));
    return [...slow, ...sorted.filter((file) => !slow.includes(file))];
  }
}
