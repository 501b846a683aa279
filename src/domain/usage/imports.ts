import { checkText } from '../../lib/checks.ts';
import { type BrokenRule, ConflictError, InvalidInputError, isBrokenRule } from '../../lib/errors.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import type { Report } from './checking.ts';
import { record } from './ingestion.ts';
import { readReport } from './lines.ts';

/** What became of a file of usage so far. */
export interface Progress {
  /** Lines taken, blank and refused ones included. */
  lines: number;
  ingested: number;
  duplicates: number;
  refused: number;
}

export interface RefusedLine {
  /** Counted from 1. */
  line: number;
  error: BrokenRule;
}

interface Import {
  organizationId: string;
  /** What the sender calls the file; null: it cannot be taken up again. */
  batch: string | null;
}

export const NOTHING: Progress = { lines: 0, ingested: 0, duplicates: 0, refused: 0 };

/** How far a file was taken when it was last sent. */
export async function resume(tx: Tx, { organizationId, batch }: Import): Promise<Progress> {
  if (batch === null) return NOTHING;
  const id = { organizationId, batch: checkText(batch, ['batch'], 200) };
  await tx.db.usageImport.createMany({
    data: [{ ...id, createdAt: tx.now, updatedAt: tx.now }],
    skipDuplicates: true,
  });
  const { lines, ingested, duplicates, refused } = await tx.db.usageImport.findUniqueOrThrow({
    where: { organizationId_batch: id },
  });
  return {
    lines: Number(lines),
    ingested: Number(ingested),
    duplicates: Number(duplicates),
    refused: Number(refused),
  };
}

/** What a line says: usage, a mistake, or nothing. */
export type Line = Report | BrokenRule | null;

/** What stands in a line; null: it is too long to be read. */
export function readLine(text: string | null): Line {
  try {
    if (text === null) throw new InvalidInputError('The line is too long.', []);
    return text.trim() === '' ? null : readReport(text);
  } catch (error) {
    if (isBrokenRule(error)) return error;
    throw error;
  }
}

/**
 * Takes the next lines. How far the file has been taken is committed with
 * the usage, so that no line counts twice, whoever dies in between.
 */
export async function take(
  tx: Tx,
  { organizationId, batch }: Import,
  before: Progress,
  lines: readonly Line[],
): Promise<{ progress: Progress; refused: RefusedLine[] }> {
  if (batch !== null) await lock(tx, { organizationId, batch }, before);
  const refused: RefusedLine[] = [];
  const reports: { line: number; report: Report }[] = [];
  for (const [index, said] of lines.entries()) {
    const line = before.lines + index + 1;
    if (isBrokenRule(said)) refused.push({ line, error: said });
    else if (said) reports.push({ line, report: said });
  }
  const recorded = await record(tx, { organizationId, events: reports.map(({ report }) => report) });
  for (const { index, error } of recorded.refused) {
    const [, , ...path] = error.path;
    refused.push({ line: reports[index]?.line ?? 0, error: { ...error, message: error.message, path } });
  }
  const progress = {
    lines: before.lines + lines.length,
    ingested: before.ingested + recorded.ingested,
    duplicates: before.duplicates + recorded.duplicates,
    refused: before.refused + refused.length,
  };
  if (batch !== null)
    await tx.db.usageImport.update({
      where: { organizationId_batch: { organizationId, batch } },
      data: { ...progress, finishedAt: null, updatedAt: tx.now },
    });
  return { progress, refused: refused.sort((a, b) => a.line - b.line) };
}

/** The file has ended; one that is sent again with more lines is taken up again. */
export async function finish(tx: Tx, { organizationId, batch }: Import): Promise<void> {
  if (batch !== null)
    await tx.db.usageImport.updateMany({
      where: { organizationId, batch, finishedAt: null },
      data: { finishedAt: tx.now, updatedAt: tx.now },
    });
}

async function lock(tx: Tx, { organizationId, batch }: { organizationId: string; batch: string }, at: Progress) {
  const [row] = await tx.db.$queryRaw<{ lines: bigint }[]>`
    SELECT lines FROM "UsageImport" WHERE "organizationId" = ${organizationId} AND batch = ${batch} FOR NO KEY UPDATE`;
  if (Number(row?.lines) !== at.lines)
    throw new ConflictError('Somebody else is sending this batch at the same time.', ['batch']);
}
