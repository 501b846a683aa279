/** Longer than anything here takes on a machine that is busy with something else: it ends what hangs, and judges nothing. */
export const PATIENCE_MS = 60_000;
