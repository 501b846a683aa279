import { settle } from '../../src/benefits/fulfillment.ts';
import * as benefits from '../../src/domain/benefits.ts';
import * as customers from '../../src/domain/customers.ts';
import * as files from '../../src/domain/files/files.ts';
import { openLinks } from '../../src/domain/files/links.ts';
import { verify } from '../../src/domain/files/verification.ts';
import * as manualGrants from '../../src/domain/manual-grants.ts';
import type { Storage } from '../../src/lib/storage.ts';
import { openNode } from './node.ts';

// biome-ignore lint/suspicious/noExplicitAny: an answer is whatever the document asks for
type Data = any;

export type FileShop = Awaited<ReturnType<typeof openFileShop>>;

const UPLOAD =
  'upload { partSize partCount parts { number size url headers { name value } } uploaded { number etag } }';

/** A server that keeps files, asked over HTTP; jobs are called by hand. */
export async function openFileShop(kept: { storage?: Storage; folder?: string } = {}) {
  const node = await openNode(kept);
  const { organizationId, transaction, database } = node;
  const { token } = await node.token();
  let people = 0;

  const ask = async (query: string, variables: object = {}): Promise<Data> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const answer = await fetch(`${node.url}/graphql`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await answer.json()) as Data;
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  };
  const mutate = async (name: string, input: object, selection: string): Promise<Data> => {
    const title = name.charAt(0).toUpperCase() + name.slice(1);
    const document = `mutation Do($input: ${title}Input!) { ${name}(input: $input) {
      __typename ... on ${title}Payload { ${selection} } ... on UserError { code message path } } }`;
    return (await ask(document, { input }))[name];
  };
  const newest = (fileId: string) =>
    database.prisma.fileVersion.findFirstOrThrow({ where: { fileId }, orderBy: { number: 'desc' } });

  const shop = {
    ...node,
    bearer: token,
    ask,
    mutate,
    newest,
    announce: (size: number, facts: object = {}) =>
      mutate('createFile', { name: 'a file.bin', size: String(size), ...facts }, `file { id name status } ${UPLOAD}`),
    /** Puts the parts there and answers what the store said. */
    async put(upload: Data, bytes: Uint8Array): Promise<{ number: number; etag: string }[]> {
      const parts = [];
      for (const { number, url, headers } of upload.parts) {
        const from = (number - 1) * upload.partSize;
        const answer = await fetch(url, {
          method: 'PUT',
          headers: headers.map(({ name, value }: Data) => [name, value]),
          body: bytes.subarray(from, from + upload.partSize) as Uint8Array<ArrayBuffer>,
        });
        if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
        parts.push({ number, etag: answer.headers.get('etag') ?? '' });
      }
      return parts;
    },
    complete: (id: string, parts: readonly object[]) =>
      mutate('completeFile', { id, parts }, 'file { id status size sha256 failure }'),
    verify: async (id: string) => verify(node, { versionId: (await newest(id)).id }),
    /** A file that was uploaded as anybody would. */
    async upload(bytes: Uint8Array, facts: object = {}): Promise<string> {
      const { file, upload } = await shop.announce(bytes.length, facts);
      await shop.complete(file.id, await shop.put(upload, bytes));
      await shop.verify(file.id);
      return file.id;
    },
    async replace(id: string, bytes: Uint8Array, facts: object = {}): Promise<void> {
      const input = { id, size: String(bytes.length), ...facts };
      const { upload } = await mutate('createFileVersion', input, `file { id } ${UPLOAD}`);
      await shop.complete(id, await shop.put(upload, bytes));
      await shop.verify(id);
    },
    file: async (id: string, selection = 'id name status size sha256 failure version downloads'): Promise<Data> =>
      (await ask(`query($id: ID!) { file(id: $id) { ${selection} } }`, { id })).file,
    settle: (customerId: string) => settle(node, customerId),
    async benefit(fileIds: readonly string[], earlierVersions = false) {
      const properties = { fileIds: [...fileIds], earlierVersions };
      const facts = { organizationId, type: 'downloadables', description: 'Files', properties };
      return transaction((tx) => benefits.create(tx, facts));
    },
    /** Somebody who was given a benefit. */
    async holder(benefitId: string) {
      const email = `holder${++people}@example.com`;
      const customer = await transaction((tx) => customers.create(tx, { organizationId, email }));
      const { grant } = await shop.give(customer.id, benefitId);
      await shop.settle(customer.id);
      return { customerId: customer.id, grantId: grant.id };
    },
    async give(customerId: string, benefitId: string) {
      await transaction((tx) => manualGrants.create(tx, { organizationId, customerId, benefitId }));
      const grant = await database.prisma.benefitGrant.findFirstOrThrow({ where: { customerId, benefitId } });
      return { grant };
    },
    /** What a customer is offered. */
    async downloads(customerId: string): Promise<Data[]> {
      const document = `query($id: ID!) { customer(by: { id: $id }) { grants { edges { node { delivery {
        ... on DownloadablesDelivery { downloads { id name size url version earlier { version url } } } } } } } } }`;
      const { customer } = await ask(document, { id: customerId });
      return customer.grants.edges.flatMap(({ node }: Data) => node.delivery?.downloads ?? []);
    },
    archive: (id: string) => transaction((tx) => files.archive(tx, { organizationId, id })),
    link: (grantId: string, versionId: string) =>
      openLinks({ keyring: node.keyring, url: node.url }).sign({ grantId, versionId }, node.clock()),
  };
  return shop;
}
