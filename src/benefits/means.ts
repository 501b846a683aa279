import type { Links } from '../domain/files/links.ts';
import type { Database } from '../platform/database.ts';
import type { Discord } from '../providers/discord.ts';
import type { Github } from '../providers/github.ts';

/**
 * What a kind may use beside what it is handed: the machinery that the composition root opened, as far as kinds need
 * it. A kind is data and opens nothing itself.
 */
export interface Means {
  /** To read from; what is written goes through a transaction. */
  database: Database;
  /** Makes links that are judged again at every use. */
  links: Links;
  /** Absent where it is not configured. */
  github?: Github;
  /** Absent where it is not configured. */
  discord?: Discord;
}
