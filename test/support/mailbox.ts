import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

export interface Received {
  /** As it came over the wire. */
  raw: string;
  mail: ParsedMail;
  to: string[];
}

/** What the server does with a mail it was sent: takes it, answers with this code, hangs up, or never answers. */
export type Manners = 'take' | 'hang up' | 'say nothing' | { code: number; says: string };

export type Mailbox = Awaited<ReturnType<typeof openMailbox>>;

/** A real mail server that keeps what it is sent; `manners` says how it takes the next ones. */
export async function openMailbox() {
  const received: Received[] = [];
  const manners: { data: Manners[]; recipient: Manners[] } = { data: [], recipient: [] };
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo: (_address, _session, done) => done(refusal(manners.recipient.shift())),
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', async () => {
        const raw = Buffer.concat(chunks).toString('latin1');
        const to = session.envelope.rcptTo.map(({ address }) => address);
        received.push({ raw, mail: await simpleParser(Buffer.from(raw, 'latin1')), to });
        server.emit('mail');
        const manner = manners.data.shift();
        if (manner === 'hang up') hangUp(server);
        else if (manner !== 'say nothing') done(refusal(manner));
      });
    },
  });
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  return {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    received,
    manners,
    /** Resolves when so many have come. */
    async comes(count: number) {
      while (received.length < count) await once(server, 'mail');
    },
    async [Symbol.asyncDispose]() {
      hangUp(server);
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function refusal(manner: Manners | undefined): Error | null {
  return typeof manner === 'object' ? Object.assign(new Error(manner.says), { responseCode: manner.code }) : null;
}

function hangUp(server: SMTPServer): void {
  const connections = server.connections as unknown as Set<{ _socket: { destroy(): void } }>;
  for (const { _socket } of connections) _socket.destroy();
}
