import type { FileVersion } from '../../../prisma/generated/client/client.ts';
import { keyOf, open, signParts, type Uploading } from '../../domain/files/uploads.ts';
import { PART_BYTES, partCount } from '../../domain/files/versions.ts';
import type { Signed, StoredPart } from '../../lib/storage.ts';
import { after, DAY_MS } from '../../lib/time.ts';
import type { Builder } from '../builder.ts';
import { type Context, requireMerchant } from '../context.ts';
import { badUserInput } from '../errors.ts';
import { LONGEST_PAGE } from '../page.ts';

const MOST_CUSTOMERS = 100;
/** For a merchant who downloads what they sell. */
const DOWNLOAD_SECONDS = 60;

type SignedPart = Signed & { number: number; size: number };

export function defineFileVersion(builder: Builder): void {
  const header = builder.objectRef<{ name: string; value: string }>('UploadHeader').implement({
    description: 'A header that must be sent along.',
    fields: (t) => ({
      name: t.exposeString('name', { description: 'Its name.' }),
      value: t.exposeString('value', { description: 'What it says.' }),
    }),
  });
  const signed = builder.objectRef<SignedPart>('UploadPart').implement({
    description: 'One part, and where to put it.',
    fields: (t) => ({
      number: t.exposeInt('number', { description: 'From 1.' }),
      size: t.exposeInt('size', { description: 'How many bytes it has.' }),
      url: t.exposeString('url', {
        description:
          'Put the bytes there; the answer’s header `ETag` names them. Good for one hour; ask again for another.',
      }),
      headers: t.field({ type: [header], description: 'What to send along.', resolve: ({ headers }) => headers }),
    }),
  });
  const stored = builder.objectRef<StoredPart>('UploadedPart').implement({
    description: 'A part that is there.',
    fields: (t) => ({
      number: t.exposeInt('number', { description: 'From 1.' }),
      size: t.float({ description: 'How many bytes it has.', resolve: ({ size }) => size }),
      etag: t.exposeString('etag', { description: 'Names exactly these bytes; completing asks for it.' }),
    }),
  });
  builder.objectType('FileUpload', {
    description: 'How bytes are uploaded: in parts, in any order, several at once, by whoever holds their URLs.',
    fields: (t) => ({
      partSize: t.int({
        description: 'How many bytes a part has; the last one has the rest.',
        resolve: () => PART_BYTES,
      }),
      partCount: t.int({ description: 'How many parts there are.', resolve: ({ version }) => partCount(version.size) }),
      expiresAt: t.field({
        type: 'DateTime',
        description: 'By when it must be completed.',
        resolve: ({ version }) => after(version.createdAt, DAY_MS),
      }),
      parts: t.field({
        type: [signed],
        description: 'A page of parts, signed anew each time it is asked for.',
        args: {
          first: t.arg.int({ description: `How many, at most ${LONGEST_PAGE}, which is the default.` }),
          after: t.arg.int({ description: 'The number of the part before the page. Default 0.' }),
        },
        resolve: async ({ version, upload }, args, { storage, url }) => {
          const [first, after] = [args.first ?? LONGEST_PAGE, args.after ?? 0];
          if (first < 0 || first > LONGEST_PAGE)
            throw badUserInput(`A page has 0 to ${LONGEST_PAGE} parts.`, ['first']);
          if (after < 0) throw badUserInput('Parts are counted from 1.', ['after']);
          const parts = await signParts(storage, upload, version.size, { first, after });
          return parts.map((part) => ({ ...part, url: new URL(part.url, url).href }));
        },
      }),
      uploaded: t.field({
        type: [stored],
        description: 'The parts that are there, by number: where to go on after a break.',
        resolve: async ({ upload }, _args, { storage }) => (await storage.parts(upload)) ?? [],
      }),
    }),
  });

  builder.prismaObject('FileDownload', {
    description: 'How often a customer downloaded a version.',
    select: { versionId: true, customerId: true },
    fields: (t) => ({
      customer: t.field({
        type: 'Customer',
        description: 'Who.',
        resolve: ({ customerId }, _args, { loaders }) => loaders.existing('Customer', customerId),
      }),
      count: t.exposeInt('count', { description: 'How often.' }),
      lastAt: t.expose('lastAt', { type: 'DateTime', description: 'When it was last.' }),
    }),
  });

  builder.prismaObject('FileVersion', {
    description: 'Bytes that a file has or had.',
    select: { id: true, organizationId: true },
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id.' }),
      number: t.exposeInt('number', { description: 'Which version it is, from 1.' }),
      note: t.exposeString('note', { nullable: true, description: 'What the merchant says about it.' }),
      status: t.expose('status', { type: 'FileStatus', description: 'How far its bytes have come.' }),
      failure: t.exposeString('failure', { nullable: true, description: 'Why it failed.' }),
      size: t.expose('size', { type: 'BigInt', description: 'In bytes.' }),
      contentType: t.exposeString('contentType', { description: 'Its media type.' }),
      sha256: t.exposeString('sha256', {
        nullable: true,
        description: 'The SHA-256 of its bytes, in hexadecimal digits; null before it is READY.',
      }),
      verifiedBytes: t.expose('verifiedBytes', { type: 'BigInt', description: 'How much of it was read so far.' }),
      readyAt: t.expose('readyAt', { type: 'DateTime', nullable: true, description: 'When it could be downloaded.' }),
      createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was announced.' }),
      url: t.string({
        nullable: true,
        description: 'Where a merchant downloads it, for 60 seconds; null unless it is READY.',
        resolve: async ({ id, organizationId }, _args, context) => downloadUrl(context, { organizationId, id }),
      }),
      downloads: t.int({
        description: 'How often customers downloaded it.',
        resolve: async ({ id }, _args, { database }) => {
          const { _sum } = await database.prisma.fileDownload.aggregate({
            where: { versionId: id },
            _sum: { count: true },
          });
          return _sum.count ?? 0;
        },
      }),
      customers: t.relation('downloads', {
        description: `Who downloaded it, those who did last first, at most ${MOST_CUSTOMERS}.`,
        query: { orderBy: { lastAt: 'desc' }, take: MOST_CUSTOMERS },
      }),
    }),
  });
}

/** The store's own URL, for who sells it. */
async function downloadUrl(context: Context, of: { organizationId: string; id: string }): Promise<string | null> {
  requireMerchant(context, 'files:read');
  const version = await context.database.prisma.fileVersion.findUniqueOrThrow({
    where: { id: of.id },
    include: { file: true },
  });
  if (version.status !== 'READY' || version.file.deletedAt) return null;
  const as = { name: version.file.name, contentType: version.contentType, seconds: DOWNLOAD_SECONDS };
  return new URL(await context.storage.signDownload(keyOf(of), as), context.url).href;
}

/** The upload of a version that is under way; null when it is over. */
export async function uploadOf(context: Context, version: FileVersion | null): Promise<Uploading | null> {
  requireMerchant(context, 'files:write');
  if (version?.status !== 'UPLOADING') return null;
  return { version, upload: await open(context.database, context.storage, version) };
}
