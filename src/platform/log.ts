export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** One line of JSON per entry on standard error. Never given a token, a key or a secret. */
export interface Log {
  /** Whether anything of this level is written: what takes work to tell need not be. */
  says(level: LogLevel): boolean;
  debug(message: string, facts?: Record<string, unknown>): void;
  info(message: string, facts?: Record<string, unknown>): void;
  warn(message: string, facts?: Record<string, unknown>): void;
  error(message: string, facts?: Record<string, unknown>): void;
}

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];

export function openLog(level: LogLevel, write: (line: string) => void = (line) => process.stderr.write(line)): Log {
  const says = (entryLevel: LogLevel): boolean => LEVELS.indexOf(entryLevel) >= LEVELS.indexOf(level);
  const at =
    (entryLevel: LogLevel) =>
    (message: string, facts: Record<string, unknown> = {}) => {
      if (!says(entryLevel)) return;
      write(`${JSON.stringify({ time: new Date().toISOString(), level: entryLevel, message, ...plain(facts) })}\n`);
    };
  return { says, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** Errors do not survive JSON by themselves. */
const plain = (facts: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(facts).map(([key, value]) => [
      key,
      value instanceof Error ? { name: value.name, message: value.message, stack: value.stack } : value,
    ]),
  );
