import { lossesOf } from '../../domain/files/losses.ts';
import { used } from '../../domain/files/versions.ts';
import type { Builder } from '../builder.ts';
import { pageArgs } from '../connection.ts';
import { type Context, organizationOf } from '../context.ts';
import { readPage, toConnection } from '../page.ts';

export function defineFileQueries(builder: Builder): void {
  const filter = builder.inputType('FileFilter', {
    description: 'Narrows a list of files; all that is given must hold.',
    fields: (t) => ({
      query: t.string({ description: 'Whose name contains this, whatever its case.' }),
      archived: t.boolean({ description: 'Only those that are archived, or only those that are not.' }),
    }),
  });
  const space = builder.objectRef<{ used: bigint; quota: bigint }>('FileSpace').implement({
    description: 'How much room there is for files.',
    fields: (t) => ({
      used: t.expose('used', { type: 'BigInt', description: 'Bytes taken, uploads under way included.' }),
      quota: t.expose('quota', { type: 'BigInt', description: 'Bytes there are in all.' }),
    }),
  });
  const loss = builder.objectRef<{ benefitId: string; count: number }>('FileLossOfBenefit').implement({
    description: 'A benefit that delivers a file.',
    fields: (t) => ({
      benefit: t.field({
        type: 'Benefit',
        description: 'The benefit.',
        resolve: ({ benefitId }, _args, { loaders }) => loaders.existing('Benefit', benefitId),
      }),
      count: t.exposeInt('count', { description: 'How many customers hold it now.' }),
    }),
  });
  const losses = builder
    .objectRef<{ customers: number; benefits: { benefitId: string; count: number }[] }>('FileLosses')
    .implement({
      description: 'Who would lose a file.',
      fields: (t) => ({
        customers: t.exposeInt('customers', { description: 'How many customers could no longer download it.' }),
        benefits: t.field({
          type: [loss],
          description: 'The benefits that name it.',
          resolve: ({ benefits }) => benefits,
        }),
      }),
    });

  builder.queryField('file', (t) =>
    t.field({
      type: 'File',
      nullable: true,
      description: 'One file; null when there is none.',
      authScopes: { scope: 'files:read' },
      args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
      resolve: async (_root, { id }, { loaders }) => loaders.row('File', id),
    }),
  );
  builder.queryField('files', (t) =>
    t.field({
      type: 'FileConnection',
      nullable: true,
      description: 'Files that are not deleted, newest first.',
      authScopes: { scope: 'files:read' },
      args: { filter: t.arg({ type: filter, description: 'Which of them.' }), ...pageArgs(t.arg) },
      resolve: async (_root, args, context) => {
        const page = readPage(args);
        const where = whereOf(context, args.filter ?? {});
        const after = page.after !== null && { id: { lt: page.after } };
        const ids = await context.database.prisma.file.findMany({
          where: { ...where, ...after },
          orderBy: { id: 'desc' },
          take: page.limit + 1,
          select: { id: true },
        });
        const rows = await Promise.all(ids.map(({ id }) => context.loaders.existing('File', id)));
        return toConnection(rows, page, () => context.database.prisma.file.count({ where }));
      },
    }),
  );
  builder.queryField('fileSpace', (t) =>
    t.field({
      type: space,
      nullable: true,
      description: 'How much room there is for files.',
      authScopes: { scope: 'files:read' },
      resolve: async (_root, _args, context) => ({
        used: await used(context.database.prisma, organizationOf(context)),
        quota: context.fileQuota,
      }),
    }),
  );
  builder.queryField('previewDeleteFile', (t) =>
    t.field({
      type: losses,
      nullable: true,
      description:
        'Who would lose a file that is deleted or archived, without doing it; null when there is no such file.',
      authScopes: { scope: 'files:read' },
      args: { id: t.arg.id({ required: true, description: 'The file.' }) },
      resolve: async (_root, { id }, context) =>
        (await context.loaders.row('File', id)) && lossesOf(context.database, organizationOf(context), id),
    }),
  );
}

const whereOf = (context: Context, { query, archived }: { query?: string | null; archived?: boolean | null }) => ({
  organizationId: organizationOf(context),
  deletedAt: null,
  ...(query && { name: { contains: query.replace(/[\\%_]/g, '\\$&'), mode: 'insensitive' as const } }),
  ...(archived != null && { archivedAt: archived ? { not: null } : null }),
});
