import type { IncomingHttpHeaders } from 'node:http';

const ONE_RANGE = /^bytes=(\d*)-(\d*)$/;

/**
 * The bytes that are asked for, both ends included; null when all are, or when a condition says that what the caller
 * has is not a part of this. Several ranges at once are answered with everything, as HTTP allows.
 */
export function rangeOf(
  { range, 'if-range': condition }: Pick<IncomingHttpHeaders, 'range'> & { 'if-range'?: string | string[] },
  { size, etag, modifiedAt }: { size: number; etag: string; modifiedAt: Date },
): readonly [number, number] | null | 'unsatisfiable' {
  const [, first = '', last = ''] = ONE_RANGE.exec(range ?? '') ?? [];
  if (first === '' && last === '') return null;
  if (condition !== undefined && condition !== etag && condition !== modifiedAt.toUTCString()) return null;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (first !== '' && last !== '' && Number(last) < Number(first)) return null;
  return start > end || start >= size ? 'unsatisfiable' : [start, end];
}
