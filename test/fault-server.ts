import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';

/** What happens to one request. */
export type Fault =
  | 'pass'
  /** No answer, the connection stays open. */
  | 'hang'
  /** The connection is reset before an answer. */
  | 'reset'
  /** The server behind gets the request, its answer is lost. */
  | 'lost answer'
  /** Head and half a body, then a reset. */
  | 'reset in body'
  /** Head and half a body, then nothing more. */
  | 'hang in body'
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** ms before the request is passed on. */
  | { readonly slow: number };

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
}

/**
 * An HTTP server between a client and the server at `target` that does to requests what networks and servers do.
 * Without a target, what passes is answered with 204. Its own end takes all connections with it.
 */
export class FaultServer {
  readonly seen: Seen[] = [];
  readonly #server: Server;
  readonly #target: string | undefined;
  #next: Fault[] = [];
  #always: Fault = 'pass';

  private constructor(target: string | undefined) {
    this.#target = target;
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch(() => response.destroy());
    });
  }

  static async start(t: ExecutionContext, target?: string): Promise<FaultServer> {
    const faults = new FaultServer(target);
    faults.#server.listen(0, '127.0.0.1');
    await once(faults.#server, 'listening');
    t.teardown(() => {
      faults.#server.closeAllConnections();
      faults.#server.close();
    });
    return faults;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** One fault for each of the next requests. */
  next(...faults: Fault[]): void {
    this.#next.push(...faults);
  }

  /** For requests for which `next` says nothing; `pass` at first. */
  always(fault: Fault): void {
    this.#always = fault;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const { method = 'GET', url: path = '/', headers } = request;
    const seen = { method, path, body, headers };
    this.seen.push(seen);
    await this.#suffer(this.#next.shift() ?? this.#always, seen, response);
  }

  async #suffer(fault: Fault, seen: Seen, response: ServerResponse): Promise<void> {
    if (fault === 'hang') return;
    if (fault === 'reset') return reset(response);
    if (fault === 'reset in body' || fault === 'hang in body') {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
      response.write('{"results":[');
      await sleep(20);
      return fault === 'reset in body' ? reset(response) : undefined;
    }
    if (typeof fault === 'object' && 'status' in fault) {
      response.writeHead(fault.status, fault.headers).end(fault.body);
      return;
    }
    if (typeof fault === 'object') await sleep(fault.slow);
    await this.#pass(seen, response, fault === 'lost answer');
  }

  async #pass({ method, path, body, headers }: Seen, response: ServerResponse, lost: boolean): Promise<void> {
    if (!this.#target) {
      response.writeHead(204).end();
      return;
    }
    const { authorization, 'content-type': type } = headers;
    const answer = await fetch(`${this.#target}${path}`, {
      method,
      headers: { ...(authorization ? { authorization } : {}), ...(type ? { 'content-type': type } : {}) },
      ...(method === 'GET' ? {} : { body }),
    });
    const text = await answer.text();
    if (lost) return reset(response);
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' });
    response.end(text || undefined);
  }
}

const reset = (response: ServerResponse) => void response.socket?.resetAndDestroy();
