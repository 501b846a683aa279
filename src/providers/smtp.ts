import { createTransport } from 'nodemailer';
import { oneLine } from '../lib/one-line.ts';

/** One mail to one reader. */
export interface Message {
  /** The same at every attempt: the Message-ID is made from it, so that a repeat can be told from another mail. */
  id: string;
  /** The name it comes from; the address is the server's own. */
  from: string;
  to: string;
  replyTo: string | null;
  subject: string;
  text: string;
  html: string;
}

/** Sent: the server has taken it. Refused: it never will. Later: it may, or it could not be asked. */
export type Outcome = { is: 'sent' | 'refused' | 'later'; answer: string };

export interface Smtp extends AsyncDisposable {
  send(message: Message): Promise<Outcome>;
}

export interface SmtpOptions {
  /** `smtp://user:password@host:587`, or `smtps://` where TLS begins at once. */
  url: string;
  /** The address that mails come from. */
  from: string;
  timeoutMs?: number;
}

const CONNECTIONS = 4;
const CONNECT_MS = 10_000;
const SILENCE_MS = 20_000;
/** Kept for the next mail no longer than servers usually do. */
const IDLE_MS = 30_000;
/** For all of one mail, however slowly the server speaks. */
const TIMEOUT_MS = 60_000;

/** A mail server. Connections are kept for the next mail, and nothing is tried again in here. */
export function openSmtp({ url, from: address, timeoutMs = TIMEOUT_MS }: SmtpOptions): Smtp {
  const transport = createTransport({
    ...{ url, pool: true as const, maxConnections: CONNECTIONS, maxRequeues: 0, idleTimeout: IDLE_MS },
    ...{
      connectionTimeout: CONNECT_MS,
      greetingTimeout: CONNECT_MS,
      dnsTimeout: CONNECT_MS,
      socketTimeout: SILENCE_MS,
    },
    // Nothing that is in a mail names a file or a page to be fetched.
    ...{ disableFileAccess: true, disableUrlAccess: true },
  });
  const domain = address.slice(address.lastIndexOf('@') + 1);
  return {
    async send({ id, from, to, replyTo, subject, text, html }) {
      try {
        const { response } = await transport.sendMail({
          from: { name: oneLine(from), address },
          to: { name: '', address: to },
          ...(replyTo && { replyTo: { name: '', address: replyTo } }),
          subject: oneLine(subject),
          text,
          html,
          messageId: `<${id}@${domain}>`,
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
          signal: AbortSignal.timeout(timeoutMs),
        });
        return { is: 'sent', answer: response };
      } catch (error) {
        return failure(error as SmtpError);
      }
    },
    async [Symbol.asyncDispose]() {
      transport.close();
    },
  };
}

interface SmtpError extends Error {
  responseCode?: number;
  response?: string;
  command?: string;
}

/** What is wrong with the reader or the mail will be wrong again; what is wrong with us or the server may be mended. */
function failure({ responseCode = 0, response, command, message }: SmtpError): Outcome {
  const final = responseCode >= 500 && (command === 'RCPT TO' || command === 'DATA');
  return { is: final ? 'refused' : 'later', answer: response ?? message };
}
