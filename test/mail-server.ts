import { createRequire } from 'node:module';
import type { AddressInfo, Server } from 'node:net';
import type { ExecutionContext } from 'ava';

/** Neither package has types: what is used of them. */
const require = createRequire(import.meta.url);
const { SMTPServer } = require('smtp-server') as {
  SMTPServer: new (
    options: object,
  ) => { listen(port: number, host: string, done: () => void): Server; close(done: () => void): void };
};
const { simpleParser } = require('mailparser') as { simpleParser: (raw: Buffer) => Promise<Mail> };

export interface Mail {
  readonly subject: string;
  readonly messageId: string;
  readonly inReplyTo?: string;
  readonly references?: string | string[];
  readonly text: string;
  readonly html: string;
  readonly headers: ReadonlyMap<string, unknown>;
  readonly from: { readonly text: string };
  readonly to: { readonly text: string };
  readonly attachments: readonly {
    readonly cid?: string;
    readonly contentType: string;
    readonly contentDisposition: string;
    readonly content: Buffer;
  }[];
}

/** How the server takes messages: with 250, with another code, or never. */
export type Reception = 'take' | 'hang' | 'taken without an answer' | number;

type Done = (error?: (Error & { responseCode?: number }) | null) => void;

/** A real SMTP server in this process. */
export class MailServer {
  readonly mails: Mail[] = [];
  #always: Reception = 'take';
  #server!: InstanceType<typeof SMTPServer>;
  #listening!: Server;

  static async start(t: ExecutionContext, options: object = {}): Promise<MailServer> {
    const own = new MailServer();
    own.#server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      disableReverseLookup: true,
      logger: false,
      onData: (stream: NodeJS.ReadableStream & { session?: unknown }, _session: unknown, done: Done) =>
        own.#take(stream, done),
      ...options,
    });
    own.#server && (own.#server as unknown as NodeJS.EventEmitter).on('error', () => {});
    await new Promise<void>((resolve) => {
      own.#listening = own.#server.listen(0, '127.0.0.1', resolve);
    });
    t.teardown(() => own.stop());
    return own;
  }

  get port(): number {
    return (this.#listening.address() as AddressInfo).port;
  }

  always(reception: Reception): void {
    this.#always = reception;
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  async #take(stream: NodeJS.ReadableStream, done: Done): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    const reception = this.#always;
    if (reception === 'hang') return;
    if (typeof reception === 'number')
      return done(Object.assign(new Error('as the test wants it'), { responseCode: reception }));
    this.mails.push(await simpleParser(Buffer.concat(chunks)));
    if (reception === 'take') done();
  }
}
