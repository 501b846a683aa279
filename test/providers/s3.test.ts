import { openS3 } from '../../src/providers/s3.ts';
import { exercise } from '../platform/exercise-storage.ts';
import { openSwift } from '../support/swift.ts';

exercise('by an S3 service', async () => {
  await using stack = new AsyncDisposableStack();
  const { settings } = stack.use(await openSwift());
  const storage = stack.use(openS3(settings));
  const closing = stack.move();
  return { storage, url: settings.endpoint ?? '', [Symbol.asyncDispose]: () => closing.disposeAsync() };
});
