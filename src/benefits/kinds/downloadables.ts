import { z } from 'zod';
import * as files from '../../domain/files/files.ts';
import { offers } from '../../domain/files/judgement.ts';
import { addSample } from '../../domain/files/samples.ts';
import { readShelf, type Shelved } from '../../domain/files/shelf.ts';
import { InvalidInputError } from '../../lib/errors.ts';
import { defineKind, reference } from '../kind.ts';
import { done } from '../outcome.ts';

const MOST_FILES = 50;
const fact = {
  size: z.bigint().meta({ description: 'In bytes.' }),
  version: z.int().meta({ description: 'Which version of the file this is, from 1.' }),
  note: z.string().nullable().meta({ description: 'What the merchant says about this version.' }),
  sha256: z.string().nullable().meta({ description: 'The SHA-256 of its bytes, in hexadecimal digits.' }),
  url: z.string().meta({
    description: 'Where it is downloaded, for one hour and only while the customer is entitled to it; ranges work.',
    scope: 'files:read',
  }),
};

const EarlierDownload = z
  .object(fact)
  .meta({ id: 'EarlierDownload', description: 'A version that was replaced and can still be had.' });

const Download = z
  .object({
    id: z.string().meta({ description: 'The file.' }),
    name: z.string().meta({ description: 'The name it is saved under.' }),
    contentType: z.string().meta({ description: 'Its media type.' }),
    ...fact,
    earlier: z
      .array(EarlierDownload)
      .meta({ description: 'Earlier versions, newest first, where the benefit offers them.' }),
  })
  .meta({ id: 'Download', description: 'A file that can be downloaded now.' });

/** Files to download; a link is judged again at every use, so that revoking takes no job. */
export default defineKind({
  type: 'downloadables',
  name: 'Downloadables',
  description: 'Files to download, in order; each is delivered as soon as it is READY.',
  properties: z.object({
    fileIds: z
      .array(reference('File', 'A file, also one that is still uploading.'))
      .min(1)
      .max(MOST_FILES)
      .meta({ description: 'The files, in order; they may still be uploading. At most 50.' }),
    archivedFileIds: z.array(reference('File', 'One of the files.')).max(MOST_FILES).default([]).meta({
      description: 'Those of the files that this benefit holds back: they keep their place, and nobody gets them.',
    }),
    earlierVersions: z
      .boolean()
      .default(false)
      .meta({ description: 'Whether versions that were replaced can still be downloaded.' }),
  }),
  example: {
    description: 'Premium templates',
    properties: { fileIds: ['fil_example'] },
    held: { files: ['fil_example'] },
    furnish: async (tx, organizationId) => ({
      fileIds: [await addSample(tx, { organizationId, name: 'Welcome.txt', text: 'Thank you for your purchase!\n' })],
    }),
  },
  held: z.object({ files: z.array(z.string()) }),
  delivers: z.object({
    downloads: z.array(Download).meta({ description: 'What can be downloaded now, in the order of the benefit.' }),
  }),
  async check(tx, { organizationId, properties }) {
    for (const [index, id] of properties.fileIds.entries()) {
      const path = ['fileIds', String(index)];
      if (properties.fileIds.indexOf(id) !== index) throw new InvalidInputError('It is named twice.', path);
      if (!(await files.exists(tx, { organizationId, id })))
        throw new InvalidInputError('There is no such file.', path);
    }
    const stray = properties.archivedFileIds.findIndex((id) => !properties.fileIds.includes(id));
    if (stray >= 0) throw new InvalidInputError('It is none of the files.', ['archivedFileIds', String(stray)]);
  },
  keep: {
    where: 'rows',
    async deliver(tx, orders) {
      const named = new Set(orders.flatMap(({ properties }) => offered(properties)));
      const shelved = new Set(await files.onShelf(tx, [...named]));
      return orders.map(({ properties }) => done({ files: offered(properties).filter((id) => shelved.has(id)) }));
    },
    withdraw: async (_tx, orders) => orders.map(({ held }) => done(held)),
  },
  deliveries: {
    from: 'orders',
    async tell({ database, links }, orders) {
      const shelf = await readShelf(
        database,
        orders.flatMap(({ properties }) => offered(properties)),
      );
      return orders.map(({ grant, properties, now }) => {
        const offer = ({ size, number, note, sha256, versionId }: Shelved) => ({
          size,
          version: number,
          note,
          sha256,
          url: links.sign({ grantId: grant.id, versionId }, now),
        });
        const downloads = offered(properties).flatMap((id) => {
          const versions = shelf.get(id) ?? [];
          const current = versions.find((version) => version.current);
          if (!current) return [];
          const earlier = properties.earlierVersions ? versions.filter((version) => version !== current) : [];
          const { name, contentType } = current;
          return [{ id, name, contentType, ...offer(current), earlier: earlier.map(offer) }];
        });
        return { downloads };
      });
    },
  },
  instructions: ({ benefit }) =>
    `Download the files of **${benefit.description}**. A link is good for an hour; fetch a new one whenever you need it.`,
  wire: {
    properties: (properties) => ({
      archived: Object.fromEntries(properties.fileIds.map((id) => [id, !offers(properties, id)])),
      files: properties.fileIds,
    }),
    grant: (held) => (held ? { files: held.files } : {}),
  },
});

const offered = (properties: { fileIds: string[] }): string[] =>
  properties.fileIds.filter((id) => offers(properties, id));
