import type { UsageImport } from '../../../prisma/generated/client/client.ts';
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
  return progressOf(await tx.db.usageImport.findUniqueOrThrow({ where: { organizationId_batch: id } }));
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

/** Lines as they were read, one after the other. */
export interface Stretch {
  /** How many lines of the file come before them. */
  after: number;
  lines: readonly Line[];
}

/**
 * Takes the next lines. How far the file has been taken is committed with
 * the usage, so that no line counts twice, whoever dies in between. What somebody else took meanwhile, who sends the same
 * file, or sent it before and broke off, is passed over.
 */
export async function take(
  tx: Tx,
  { organizationId, batch }: Import,
  before: Progress,
  { after, lines }: Stretch,
): Promise<{ progress: Progress; refused: RefusedLine[] }> {
  const so = batch === null ? before : await lock(tx, { organizationId, batch });
  if (so.lines < after) throw new ConflictError('This batch was begun anew; send it again.', ['batch']);
  const rest = lines.slice(so.lines - after);
  const refused: RefusedLine[] = [];
  const reports: { line: number; report: Report }[] = [];
  for (const [index, said] of rest.entries()) {
    const line = so.lines + index + 1;
    if (isBrokenRule(said)) refused.push({ line, error: said });
    else if (said) reports.push({ line, report: said });
  }
  const recorded = await record(tx, { organizationId, events: reports.map(({ report }) => report) });
  for (const { index, error } of recorded.refused) {
    const [, , ...path] = error.path;
    refused.push({ line: reports[index]?.line ?? 0, error: { ...error, message: error.message, path } });
  }
  const progress = {
    lines: so.lines + rest.length,
    ingested: so.ingested + recorded.ingested,
    duplicates: so.duplicates + recorded.duplicates,
    refused: so.refused + refused.length,
  };
  if (batch !== null && rest.length > 0)
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

/** How far the file has been taken; nobody takes more of it until this transaction is over. */
async function lock(tx: Tx, id: { organizationId: string; batch: string }): Promise<Progress> {
  await tx.db.$queryRaw`
    SELECT 1 FROM "UsageImport" WHERE "organizationId" = ${id.organizationId} AND batch = ${id.batch} FOR NO KEY UPDATE`;
  return progressOf(await tx.db.usageImport.findUniqueOrThrow({ where: { organizationId_batch: id } }));
}

const progressOf = ({ lines, ingested, duplicates, refused }: UsageImport): Progress => ({
  lines: Number(lines),
  ingested: Number(ingested),
  duplicates: Number(duplicates),
  refused: Number(refused),
});
