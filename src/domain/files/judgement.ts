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
  const { fileIds, earlierVersions } = readTerms(facts.properties);
  if (facts.state !== 'ACTIVE' || facts.benefitDeletedAt || !isEntitled(facts, now)) return 'NOT_ENTITLED';
  if (!fileIds.includes(facts.fileId) || facts.archivedAt || facts.fileDeletedAt || facts.status !== 'READY')
    return 'WITHDRAWN';
  return facts.versionId === facts.currentId || earlierVersions ? null : 'REPLACED';
}

/** What a benefit says about files, as far as it says anything. */
function readTerms(properties: unknown): { fileIds: readonly string[]; earlierVersions: boolean } {
  const { fileIds = [], earlierVersions = false } = properties as { fileIds?: string[]; earlierVersions?: boolean };
  return { fileIds, earlierVersions };
}
