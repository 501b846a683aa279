import { type FileOptions, type Verification, verify } from '../domain/files/verification.ts';
import { VERIFY_FILE } from '../domain/files/versions.ts';
import type { Handler } from './handler.ts';

export const verifyFile = (options: FileOptions): Handler<Verification> => ({
  name: VERIFY_FILE,
  batchSize: 2,
  concurrency: 1,
  handle: (verification) => verify(options, verification),
});
