import { free } from '../domain/files/sweeping.ts';
import type { FileOptions } from '../domain/files/verification.ts';
import { FREE_FILE } from '../domain/files/versions.ts';
import type { Handler } from './handler.ts';

export const freeFile = (options: FileOptions): Handler<{ versionId: string }> => ({
  name: FREE_FILE,
  batchSize: 10,
  concurrency: 1,
  handle: ({ versionId }) => free(options, versionId),
});
