import type { FileStatus, GrantState } from '../../../prisma/generated/client/client.ts';
import { isEntitled } from '../grants/work.ts';

/** Everything that decides whether a version may be downloaded under a grant, at one moment. */
export interface DownloadFacts {
  state: GrantState;
  entitledUntil: Date | null;
  stoppedAt: Date | null;
  benefitDeletedAt: Date | null;
  /** What the benefit says now. */
  properties: unknown;
  fileId: string;
  archivedAt: Date | null;
  fileDeletedAt: Date | null;
  currentId: string;
  versionId: string;
  status: FileStatus;
}

export type Refusal = 'NOT_ENTITLED' | 'WITHDRAWN' | 'REPLACED';

/** Why a download is refused; null when it is not. */
export function refusal(facts: DownloadFacts, now: Date): Refusal | null {
  if (facts.state !== 'ACTIVE' || facts.benefitDeletedAt || !isEntitled(facts, now)) return 'NOT_ENTITLED';
  if (!offers(facts.properties, facts.fileId) || facts.archivedAt || facts.fileDeletedAt || facts.status !== 'READY')
    return 'WITHDRAWN';
  return facts.versionId === facts.currentId || readTerms(facts.properties).earlierVersions ? null : 'REPLACED';
}

/** Whether a benefit of these properties names a file, and does not hold it back. */
export function offers(properties: unknown, fileId: string): boolean {
  const { fileIds, archivedFileIds } = readTerms(properties);
  return fileIds.includes(fileId) && !archivedFileIds.includes(fileId);
}

interface Terms {
  fileIds: readonly string[];
  archivedFileIds: readonly string[];
  earlierVersions: boolean;
}

/** What a benefit says about files, as far as it says anything. */
function readTerms(properties: unknown): Terms {
  const { fileIds = [], archivedFileIds = [], earlierVersions = false } = properties as Partial<Terms>;
  return { fileIds, archivedFileIds, earlierVersions };
}
