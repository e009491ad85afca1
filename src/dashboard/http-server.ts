import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadAssets } from './assets.ts';
import type { Documents } from './documents.ts';
import type { History } from './history.ts';
import { Live } from './live.ts';
import type { Metrics } from './metrics.ts';
import { OperatorApi, type OperatorParts } from './operator.ts';
import { page } from './page.ts';
import { type PageParts, servePage } from './page-server.ts';
import { pageStyle } from './page-style.ts';
import { health, type Limits, readiness, type Verdict } from './probe.ts';
import { ReceiptPage, type ReceiptParts } from './receipt-page.ts';
import type { Status } from './status.ts';

export interface HttpOptions {
  /** Loopback unless said otherwise: nothing here asks who is there. */
  readonly host?: string | undefined;
  /** When busy, the next free one is taken; 0 takes any. */
  readonly port: number;
  readonly status: () => Status;
  readonly metrics: Metrics;
  readonly limits?: Limits | undefined;
  /** The store, for what the page draws; without it the page is the one that needs no script. */
  readonly history?: History | undefined;
  /** Who may give orders, and who carries them out; without it nobody may. */
  readonly operator?: OperatorParts | undefined;
  /** Where a person confirms that a message was read; without it nobody can. */
  readonly receipts?: ReceiptParts | undefined;
  /** Published files, such as CAP alerts and their feed. */
  readonly documents?: Documents | undefined;
  /** That the port was busy, and what could not be answered. */
  readonly report?: ((what: string) => void) | undefined;
}

export interface HttpServer {
  /** `http://127.0.0.1:8080/` */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Differs from `port` where that was busy. */
  readonly requestedPort: number;
  stop(): Promise<void>;
}

interface Answer {
  readonly code: number;
  readonly type: string;
  readonly body: string;
}

type Route = (status: Status, options: HttpOptions) => Answer | Promise<Answer>;

const portsToTry = 20;

const routes: Readonly<Record<string, Route>> = {
  '/': (status, { limits, history }) => ({
    code: 200,
    type: 'text/html; charset=utf-8',
    body: page(status, readiness(status, limits), history !== undefined),
  }),
  '/api/alerts': ({ alerts }) => json(200, { alerts }),
  '/health': (status, { limits }) => probe(health(status, limits)),
  '/ready': (status, { limits }) => probe(readiness(status, limits)),
  '/metrics': async (status, { metrics }) => ({
    code: 200,
    type: metrics.registry.contentType,
    body: await metrics.scrape(status),
  }),
};

/** Our own scripts, and requests to us alone; of styles our file's and the page's own by its hash. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "connect-src 'self'",
  `style-src 'self' 'sha256-${createHash('sha256').update(pageStyle).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const headers = {
  'Content-Security-Policy': policy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
};

/**
 * Serves `/` (the page, live where a script may run), what it loads and asks for, `/health`, `/ready` and `/metrics`. Rejects where the host can't be listened on, or
 * no port from the requested one on is free.
 */
export async function startHttpServer(options: HttpOptions): Promise<HttpServer> {
  const { host = '127.0.0.1', port: requestedPort, report } = options;
  const page = options.history && pageOf(options, options.history);
  const orders = options.operator && new OperatorApi(options.operator);
  const receipts = options.receipts && new ReceiptPage(options.receipts);
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (orders && request.url === '/api/orders') void orders.answer(request, response);
    else if (receipts && /^\/receipt(\?|$)/.test(request.url ?? '')) void receipts.answer(request, response);
    else void respond(request, response, options, page);
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 10_000;
  const port = await listenNear(server, host, requestedPort);
  if (requestedPort !== 0 && port !== requestedPort)
    report?.(`port ${requestedPort} is busy, so it is ${port}`);
  const shown = host.includes(':') ? `[${host}]` : host;
  return { url: `http://${shown}:${port}/`, host, port, requestedPort, stop: () => stop(server, page) };
}

function pageOf({ status, limits }: HttpOptions, history: History): PageParts {
  const live = new Live({ status, verdict: (one) => readiness(one, limits), run: randomUUID() });
  return { live, history, assets: loadAssets() };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpOptions,
  page: PageParts | undefined,
): Promise<void> {
  const reads = request.method === 'GET' || request.method === 'HEAD';
  if (page && reads && (await servePage(request, response, page))) return;
  const { code, type, body } = await answer(request, options);
  const allow = code === 405 ? { Allow: 'GET, HEAD' } : {};
  const length = Buffer.byteLength(body);
  response.writeHead(code, { ...allow, 'Content-Type': type, 'Content-Length': length });
  response.end(request.method === 'HEAD' ? undefined : body);
}

async function answer({ method, url = '/' }: IncomingMessage, options: HttpOptions): Promise<Answer> {
  const path = url.split('?', 1)[0]!;
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  const document = route ? undefined : await options.documents?.(path).catch(() => undefined);
  if (!route && !document)
    return json(404, { error: `nothing is here; there are ${Object.keys(routes).join(', ')}` });
  if (method !== 'GET' && method !== 'HEAD') return json(405, { error: 'only GET and HEAD are answered' });
  if (document) return { code: 200, ...document };
  try {
    return await route!(options.status(), options);
  } catch (error) {
    options.report?.(`${path} could not be answered: ${(error as Error).stack}`);
    return json(500, { error: 'the status could not be told; the log says why' });
  }
}

function probe({ ok, reasons }: Verdict): Answer {
  return json(ok ? 200 : 503, { ok, reasons });
}

function json(code: number, body: object): Answer {
  return { code, type: 'application/json', body: `${JSON.stringify(body)}\n` };
}

async function listenNear(server: Server, host: string, requested: number): Promise<number> {
  for (let port = requested; ; port++) {
    try {
      return await listen(server, host, port);
    } catch (error) {
      const busy = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (!busy || port + 1 >= Math.min(requested + portsToTry, 65_536))
        throw new Error(`the status page cannot listen on ${host}:${port}: ${(error as Error).message}`);
    }
  }
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function stop(server: Server, page: PageParts | undefined): Promise<void> {
  page?.live.stop();
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
