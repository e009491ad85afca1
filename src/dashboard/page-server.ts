import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Asset } from './assets.ts';
import { drawn, foretold, type History, type Span, trail } from './history.ts';
import type { Live } from './live.ts';

export interface PageParts {
  readonly live: Live;
  readonly history: History;
  readonly assets: ReadonlyMap<string, Asset>;
}

/** What the client did wrong, for it to read. */
class BadRequest extends Error {
  override readonly name = 'BadRequest';
}

/** No screen tells more apart. */
const widest = 2000;

/** Answers what the live page asks for; false where the path is none of its own. */
export async function servePage(
  request: IncomingMessage,
  response: ServerResponse,
  { live, history, assets }: PageParts,
): Promise<boolean> {
  const url = new URL(request.url ?? '/', 'http://page');
  const asset = assets.get(url.pathname);
  if (asset) sendAsset(request, response, asset);
  else if (url.pathname === '/api/events') live.attach(request, response);
  else if (url.pathname === '/api/history')
    await sendJson(response, () => drawn(history, spanOf(url), numberOf(url, 'width', 1, widest)));
  else if (url.pathname === '/api/foretold')
    await sendJson(response, () => foretold(history, spanOf(url), numberOf(url, 'horizon', 1, 10_000)));
  else if (url.pathname === '/api/trail')
    await sendJson(response, async () => ({ trail: await trail(history, ...alertOf(url)) }));
  else return false;
  return true;
}

function sendAsset(request: IncomingMessage, response: ServerResponse, asset: Asset): void {
  const headers = { ETag: asset.etag, 'Cache-Control': 'no-cache', Vary: 'Accept-Encoding' };
  if (request.headers['if-none-match'] === asset.etag) {
    response.writeHead(304, headers).end();
    return;
  }
  const zipped = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  const body = zipped ? asset.gzip : asset.body;
  response.writeHead(200, {
    ...headers,
    'Content-Type': asset.type,
    'Content-Length': body.length,
    ...(zipped && { 'Content-Encoding': 'gzip' }),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

async function sendJson(response: ServerResponse, make: () => Promise<object>): Promise<void> {
  try {
    say(response, 200, await make());
  } catch (error) {
    if (error instanceof BadRequest) say(response, 400, { error: error.message });
    else say(response, 503, { error: `the store could not be read: ${(error as Error).message}` });
  }
}

function say(response: ServerResponse, code: number, content: object): void {
  response.writeHead(code, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(content));
}

/** An alert is named RULE/AREA/ONSET. */
function alertOf(url: URL): [string, number] {
  const id = url.searchParams.get('alert') ?? '';
  const onset = Date.parse(id.slice(id.lastIndexOf('/') + 1));
  if (Number.isFinite(onset)) return [id, onset];
  throw new BadRequest(
    `alert must name one, such as RULE/AREA/2026-05-01T06:00:00.000Z, not ${JSON.stringify(id)}`,
  );
}

function spanOf(url: URL): Span {
  const [station, variable] = [url.searchParams.get('station'), url.searchParams.get('variable')];
  if (!station || !variable) throw new BadRequest('station and variable must be given');
  const from = numberOf(url, 'from', -8.64e15, 8.64e15);
  const to = numberOf(url, 'to', -8.64e15, 8.64e15);
  if (from >= to) throw new BadRequest(`from ${from} must be before to ${to}, both ms since the epoch`);
  return { station, variable, from, to };
}

function numberOf(url: URL, name: string, least: number, most: number): number {
  const text = url.searchParams.get(name);
  const value = Number(text);
  if (text !== null && text.trim() !== '' && value >= least && value <= most) return value;
  throw new BadRequest(`${name} must be a number from ${least} to ${most}, not ${JSON.stringify(text)}`);
}
