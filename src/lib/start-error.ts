/** What whoever starts Boon can mend: told in one line, without a stack. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
