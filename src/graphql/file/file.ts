import type { Builder } from '../builder.ts';
import { defineConnection } from '../connection.ts';
import { uploadOf } from './version.ts';

const MOST_VERSIONS = 100;

export function defineFile(builder: Builder): void {
  builder.objectType('File', {
    description:
      'Something customers download. Its facts are those of the newest version that is READY, before that of the first.',
    interfaces: ['Node'],
    fields: (t) => ({
      name: t.exposeString('name', { description: 'The name it is saved under.' }),
      size: t.expose('size', { type: 'BigInt', description: 'In bytes.' }),
      contentType: t.exposeString('contentType', { description: 'Its media type.' }),
      status: t.expose('status', { type: 'FileStatus', description: 'How far its bytes have come.' }),
      failure: t.exposeString('failure', { nullable: true, description: 'Why it failed.' }),
      sha256: t.string({
        nullable: true,
        description: 'The SHA-256 of its bytes, in hexadecimal digits: what was announced, and once READY what it is.',
        resolve: ({ sha256, expectedSha256 }) => sha256 ?? expectedSha256,
      }),
      version: t.int({ description: 'Which version is shown, from 1.', resolve: ({ number }) => number }),
      versions: t.prismaField({
        type: ['FileVersion'],
        description: `All of them, newest first, at most ${MOST_VERSIONS}.`,
        resolve: (query, { id }, _args, { database }) =>
          database.prisma.fileVersion.findMany({
            ...query,
            where: { fileId: id },
            orderBy: { number: 'desc' },
            take: MOST_VERSIONS,
          }) as never,
      }),
      upload: t.field({
        type: 'FileUpload',
        nullable: true,
        description: 'The upload of its newest version, while it is under way.',
        resolve: async ({ id }, _args, context) =>
          uploadOf(
            context,
            await context.database.prisma.fileVersion.findFirst({ where: { fileId: id }, orderBy: { number: 'desc' } }),
          ),
      }),
      downloads: t.int({
        description: 'How often customers downloaded it, all versions together.',
        resolve: async ({ id }, _args, { database }) => {
          const { _sum } = await database.prisma.fileDownload.aggregate({
            where: { version: { fileId: id } },
            _sum: { count: true },
          });
          return _sum.count ?? 0;
        },
      }),
      archivedAt: t.expose('archivedAt', {
        type: 'DateTime',
        nullable: true,
        description: 'Since when nobody can download it; null while customers can.',
      }),
      deletedAt: t.expose('deletedAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When it was deleted; benefits may still name it.',
      }),
      createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
      updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it last changed.' }),
    }),
  });
  defineConnection(builder, 'File', 'files');
}
