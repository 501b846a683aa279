import * as files from '../../domain/files/files.ts';
import { fail } from '../../domain/files/outcomes.ts';
import { compare } from '../../domain/files/uploads.ts';
import { checkParts, complete } from '../../domain/files/versions.ts';
import { ConflictError, isBrokenRule, NotFoundError } from '../../lib/errors.ts';
import type { Part } from '../../lib/storage.ts';
import type { Database } from '../../platform/database.ts';
import type { Builder } from '../builder.ts';
import type { Context } from '../context.ts';
import type { InputBuilder, PayloadBuilder } from '../declaration.ts';
import { defineMutation } from '../mutation.ts';
import { uploadOf } from './version.ts';

export function defineFileMutations(builder: Builder): void {
  const upload = <Answer extends { versionId: string }>(t: PayloadBuilder<Answer>) =>
    t.field({
      type: 'FileUpload',
      nullable: true,
      description: 'Where to put the bytes; null when a repeated call finds them put.',
      resolve: async ({ versionId }, _args, context) =>
        uploadOf(context, await context.database.prisma.fileVersion.findUnique({ where: { id: versionId } })),
    });
  const announced = (t: InputBuilder) => ({
    size: t.field({ type: 'BigInt', required: true, description: 'In bytes, at most 10,737,418,240 (10 GiB).' }),
    contentType: t.string({
      description: 'Its media type, such as `application/zip`. Default `application/octet-stream`.',
    }),
    sha256: t.string({
      description: 'The SHA-256 of the bytes in hexadecimal digits, to be compared with what arrives.',
    }),
  });
  const part = builder.inputType('FilePartInput', {
    description: 'A part that was uploaded.',
    fields: (t) => ({
      number: t.int({ required: true, description: 'From 1.' }),
      etag: t.string({ required: true, description: 'The header `ETag` of the answer to its upload.' }),
    }),
  });

  defineMutation(builder, {
    name: 'createFile',
    description: 'Announces a file, and says where to put its bytes.',
    scope: 'files:write',
    creates: true,
    input: (t) => ({
      name: t.string({ required: true, description: 'The name it is saved under; at most 255 characters.' }),
      ...announced(t),
    }),
    run: async (tx, input, { fileQuota }) => answer(await files.create(tx, input, fileQuota)),
    payload: (t) => ({ file: fileField(t), upload: upload(t) }),
  });

  defineMutation(builder, {
    name: 'createFileVersion',
    description: 'Announces other bytes for a file. Once READY they replace those before, for everyone entitled.',
    scope: 'files:write',
    creates: true,
    input: (t) => ({
      id: fileId(t),
      note: t.string({ description: 'What is new; at most 2,000 characters.' }),
      ...announced(t),
    }),
    run: async (tx, input, { fileQuota }) => answer(await files.addVersion(tx, input, fileQuota)),
    payload: (t) => ({ file: fileField(t), upload: upload(t) }),
  });

  defineMutation(builder, {
    name: 'completeFile',
    description:
      'Says that all parts of the newest version are there. They are compared with what the store has; then a job reads the bytes, and the version becomes READY or FAILED. Twice is harmless.',
    scope: 'files:write',
    input: (t) => ({
      id: fileId(t),
      parts: t.field({ type: [part], required: true, description: 'All parts, in any order.' }),
    }),
    around: comparing,
    run: async (tx, { parts, ...named }) => {
      const file = await files.lock(tx, named);
      const version = await newest(tx.db, file.id);
      const checked = version.status === 'UPLOADING' ? checkParts(version.size, parts) : [];
      await complete(tx, version, checked);
      return { id: file.id };
    },
    payload: (t) => ({ file: fileField(t) }),
  });

  defineMutation(builder, {
    name: 'abortFileUpload',
    description: 'Gives up the upload of the newest version, and its space back. Twice is harmless.',
    scope: 'files:write',
    input: (t) => ({ id: fileId(t) }),
    run: async (tx, input) => {
      const file = await files.lock(tx, input);
      const version = await newest(tx.db, file.id);
      if (version.status === 'UPLOADING') await fail(tx, version, 'Its upload was given up.');
      return { id: file.id };
    },
    payload: (t) => ({ file: fileField(t) }),
  });

  defineMutation(builder, {
    name: 'updateFile',
    description: 'Renames a file. Absent keeps.',
    scope: 'files:write',
    keeps: ['name'],
    input: (t) => ({ id: fileId(t), name: t.string({ description: 'Another name; at most 255 characters.' }) }),
    run: async (tx, input) => ({ id: (await files.rename(tx, input)).id }),
    payload: (t) => ({ file: fileField(t) }),
  });

  const verbs = {
    archiveFile: [files.archive, 'Lets nobody download a file, from the next click on. Twice is harmless.'],
    unarchiveFile: [files.unarchive, 'Lets customers download a file again. Twice is harmless.'],
    deleteFile: [files.remove, 'Deletes a file and all its bytes, for good. `previewDeleteFile` tells who loses it.'],
  } as const;
  for (const [name, [run, description]] of Object.entries(verbs)) {
    defineMutation(builder, {
      name,
      description,
      scope: 'files:write',
      input: (t) => ({ id: fileId(t) }),
      run: async (tx, input) => ({ id: (await run(tx, input)).id }),
      payload: (t) => ({ file: fileField(t) }),
    });
  }
}

const fileId = (t: InputBuilder) => t.id({ required: true, description: 'The file.' });

const fileField = <Answer extends { id: string }>(t: PayloadBuilder<Answer>) =>
  t.field({
    type: 'File',
    description: 'As it is now.',
    resolve: ({ id }, _args, { loaders }) => loaders.existing('File', id),
  });

const answer = ({ file, version }: { file: { id: string }; version: { id: string } }) => ({
  id: file.id,
  versionId: version.id,
});

const newest = (prisma: Pick<Database['prisma'], 'fileVersion'>, fileId: string) =>
  prisma.fileVersion.findFirstOrThrow({ where: { fileId }, orderBy: { number: 'desc' } });

/** The store is asked before the transaction begins. */
async function comparing<Result>(
  { database, storage, log }: Context,
  { organizationId, id, parts = [] }: { organizationId?: string; id?: string; parts?: readonly Part[] },
  work: () => Promise<Result>,
): Promise<Result> {
  const file = await database.prisma.file.findFirst({
    where: { id: id ?? '', organizationId: organizationId ?? '', deletedAt: null },
  });
  if (!file) throw new NotFoundError('file', ['id']);
  const version = await newest(database.prisma, file.id);
  if (version.status === 'FAILED') throw new ConflictError(version.failure ?? 'It failed.', ['id']);
  if (version.status !== 'UPLOADING') return work();
  checkParts(version.size, parts);
  try {
    await compare(storage, version, parts);
  } catch (error) {
    if (isBrokenRule(error)) throw error;
    log.warn('The store of files could not be asked.', { error });
    throw new ConflictError('The store cannot be reached at the moment; nothing is lost, try again.', ['id']);
  }
  return work();
}
