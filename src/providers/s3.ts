import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { attachment } from '../lib/disposition.ts';
import type { Storage, StoredPart, Upload } from '../lib/storage.ts';
import { usedUp } from '../lib/used-up.ts';

export interface S3Settings {
  bucket: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** Of a service that is not Amazon's. */
  endpoint?: string;
  /** Whether the bucket stands in the path and not in the host. */
  forcePathStyle?: boolean;
}

/** How long a store may take to be reached, and to say nothing. */
const CONNECT_MS = 5_000;
const SILENCE_MS = 30_000;

/** The store does not know these parts, or others by now; asking again changes nothing. */
const NOT_THESE_PARTS = new Set([
  'InvalidPart',
  'InvalidPartOrder',
  'EntityTooSmall',
  'NoSuchUpload',
  'MalformedXML',
  'InvalidRequest',
]);

/** Any service that speaks S3. Its bucket's CORS must expose ETag where browsers upload to it. */
export function openS3(settings: S3Settings): Storage & Disposable {
  const { bucket: Bucket, region, endpoint, forcePathStyle = false, accessKeyId, secretAccessKey } = settings;
  const client = new S3Client({
    region,
    forcePathStyle,
    ...(endpoint && { endpoint }),
    requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: SILENCE_MS },
    credentials: { accessKeyId, secretAccessKey },
    // Not every service knows the newer checksums, and whoever holds a signed URL sends none.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  const named = ({ key, uploadId }: Upload) => ({ Bucket, Key: key, UploadId: uploadId });

  const storage: Storage = {
    async begin(key, contentType) {
      const { UploadId } = await client.send(
        new CreateMultipartUploadCommand({ Bucket, Key: key, ContentType: contentType }),
      );
      if (!UploadId) throw new Error('The store began no upload.');
      return UploadId;
    },
    signPart: async (upload, number, seconds) => ({
      url: await getSignedUrl(client, new UploadPartCommand({ ...named(upload), PartNumber: number }), {
        expiresIn: seconds,
      }),
      headers: [],
    }),
    async parts(upload) {
      const parts: StoredPart[] = [];
      let marker: string | undefined;
      try {
        do {
          const page = await client.send(new ListPartsCommand({ ...named(upload), PartNumberMarker: marker }));
          for (const { PartNumber = 0, ETag = '', Size = 0 } of page.Parts ?? [])
            parts.push({ number: PartNumber, etag: ETag, size: Size });
          marker = page.IsTruncated ? page.NextPartNumberMarker : undefined;
        } while (marker);
        return parts;
      } catch (error) {
        if (nameOf(error) === 'NoSuchUpload') return null;
        throw error;
      }
    },
    async complete(upload, parts) {
      const Parts = [...parts]
        .sort((a, b) => a.number - b.number)
        .map(({ number, etag }) => ({ PartNumber: number, ETag: etag }));
      try {
        await client.send(new CompleteMultipartUploadCommand({ ...named(upload), MultipartUpload: { Parts } }));
        return true;
      } catch (error) {
        if (!NOT_THESE_PARTS.has(nameOf(error))) throw error;
        // The answer may have been lost the first time.
        return nameOf(error) === 'NoSuchUpload' && (await storage.size(upload.key)) !== null;
      }
    },
    async write(key, bytes, contentType) {
      await client.send(new PutObjectCommand({ Bucket, Key: key, Body: bytes, ContentType: contentType }));
    },
    async size(key) {
      try {
        const { ContentLength } = await client.send(new HeadObjectCommand({ Bucket, Key: key }));
        return ContentLength ?? null;
      } catch (error) {
        if (nameOf(error) === 'NotFound' || nameOf(error) === 'NoSuchKey') return null;
        throw error;
      }
    },
    async read(key) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: key }));
      return usedUp(Body as unknown as AsyncIterable<Uint8Array>);
    },
    signDownload: (key, { name, contentType, seconds }) =>
      getSignedUrl(
        client,
        new GetObjectCommand({
          Bucket,
          Key: key,
          ResponseContentDisposition: attachment(name),
          ResponseContentType: contentType,
        }),
        { expiresIn: seconds },
      ),
    async remove(key) {
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: key }));
      for (const { Key, UploadId } of Uploads) {
        if (Key === key) await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
      }
      await client.send(new DeleteObjectCommand({ Bucket, Key: key }));
    },
  };
  return { ...storage, [Symbol.dispose]: () => client.destroy() };
}

const nameOf = (error: unknown): string => (error as Error).name;
