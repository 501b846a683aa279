import { type FileProgress, watch } from '../../domain/files/progress.ts';
import { NotFoundError } from '../../lib/errors.ts';
import type { Builder } from '../builder.ts';
import { requireMerchant } from '../context.ts';
import { openLoaders } from '../reads/loaders.ts';

export function defineFileProgress(builder: Builder): void {
  const progress = builder.objectRef<FileProgress>('FileProgress').implement({
    description: 'How far the newest version of a file has come.',
    fields: (t) => ({
      status: t.expose('status', { type: 'FileStatus', description: 'What is being done.' }),
      bytes: t.expose('bytes', {
        type: 'BigInt',
        description: 'Bytes that are there while it is UPLOADING, and that were read while it is VERIFYING.',
      }),
      size: t.expose('size', { type: 'BigInt', description: 'Bytes in all.' }),
      file: t.field({
        type: 'File',
        description: 'The file as it is now.',
        // A stream lives long: what it shows must not be what was read at its beginning.
        resolve: ({ fileId }, _args, context) => openLoaders(context, context.viewer).existing('File', fileId),
      }),
    }),
  });
  builder.subscriptionField('fileProgress', (t) =>
    t.field({
      type: progress,
      description:
        'What becomes of an upload, every half second in which something did, up to READY or FAILED. For tokens with the scope `files:read`.',
      args: { id: t.arg.id({ required: true, description: 'The file.' }) },
      subscribe: async (_root, { id }, context) => {
        requireMerchant(context, 'files:read');
        if (!(await context.loaders.row('File', id))) throw new NotFoundError('file', ['id']);
        return watch(context, id);
      },
      resolve: (told) => told as FileProgress,
    }),
  );
}
