/** What a mail says, before it is set as text or as a page. */
export interface Letter {
  subject: string;
  /** The first words, which mail programs show beside the subject. */
  preview: string;
  paragraphs: readonly string[];
  items: readonly Item[];
  /** Where to go from here. */
  button: { label: string; url: string } | null;
}

/** One benefit. */
export interface Item {
  title: string;
  /** How to use it, in Markdown. */
  instructions: string | null;
  /** What keeps it from being used, in a sentence. */
  note: string | null;
  /** Whether that is for the reader to do. */
  asks: boolean;
}

/** Who writes, and to whom. */
export interface Brand {
  name: string;
  logoUrl: string | null;
  supportEmail: string | null;
  /** The reader; null when their name is not known. */
  reader: string | null;
  /** Why they are written to. */
  reason: string;
}
