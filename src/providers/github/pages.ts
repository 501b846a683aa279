/** GitHub puts no more into one answer. */
export const MOST = 100;

/** Everything there is, however many pages of it. */
export async function pages<Row>(read: (page: { per_page: number; page: number }) => Promise<readonly Row[]>) {
  const found: Row[] = [];
  for (let page = 1; ; page++) {
    const rows = await read({ per_page: MOST, page });
    found.push(...rows);
    if (rows.length < MOST) return found;
  }
}
