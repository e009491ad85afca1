import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Change } from './change.ts';
import type { Verdict } from './probe.ts';
import type { StationStatus, Status } from './status.ts';

export interface LiveOptions {
  readonly status: () => Status;
  readonly verdict: (status: Status) => Verdict;
  /** Tells the events of this run from those of another. */
  readonly run: string;
  /** ms between two looks at the status; longer where what changes is much, and many pages are told. */
  readonly interval?: number;
  /** Events kept for pages that come back. */
  readonly keep?: number;
  /** Pages at once; a further one is asked to come again later. */
  readonly pages?: number;
}

/** Bytes a second to all pages together: the pipeline comes first. */
const budget = 10_000_000;
/** Bytes that may wait for a slow page before it is let go; it comes back and is told the rest. */
const slowest = 4_000_000;
/** Looks without a page after which the events are forgotten. */
const idleLooks = 60;

/**
 * Server-sent events for any number of pages: the status is looked at once an interval, whoever listens, and what
 * changed is written to all of them as the same bytes. A page that was away says which event it had last (WHATWG HTML,
 * 9.2, Last-Event-ID) and gets those since, or the whole status where they are gone.
 */
export class Live {
  readonly #options: LiveOptions;
  readonly #pages = new Set<ServerResponse>();
  readonly #texts = new Map<string, string>();
  #events: { readonly number: number; readonly bytes: Buffer }[] = [];
  #number = 0;
  #whole: { readonly number: number; readonly bytes: Buffer } = { number: -1, bytes: Buffer.alloc(0) };
  #idle = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  get pages(): number {
    return this.#pages.size;
  }

  attach(request: IncomingMessage, response: ServerResponse): void {
    if (this.#pages.size >= (this.#options.pages ?? 500)) {
      response.writeHead(503, { 'Retry-After': '30' }).end();
      return;
    }
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    this.#start();
    response.write('retry: 2000\n\n');
    for (const bytes of this.#since(request.headers['last-event-id'])) response.write(bytes);
    this.#pages.add(response);
    response.on('close', () => this.#pages.delete(response));
    response.on('error', () => this.#pages.delete(response));
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const page of this.#pages) page.end();
  }

  #start(): void {
    if (this.#timer) return;
    this.#forget();
    this.#look();
  }

  #look(): void {
    this.#timer = undefined;
    this.#idle = this.#pages.size > 0 ? 0 : this.#idle + 1;
    if (this.#idle > idleLooks) return;
    const status = this.#options.status();
    const stations = status.stations.filter((station) => this.#isNew(station));
    const bytes = this.#push('change', this.#changeOf(status, stations)) * this.#pages.size;
    const wait = Math.max(this.#options.interval ?? 1000, (bytes / budget) * 1000);
    this.#timer = setTimeout(() => this.#look(), wait).unref();
  }

  #forget(): void {
    this.#events = [];
    this.#whole = { number: -1, bytes: Buffer.alloc(0) };
    this.#texts.clear();
    this.#idle = 0;
  }

  #isNew(station: StationStatus): boolean {
    const text = JSON.stringify(station);
    if (this.#texts.get(station.id) === text) return false;
    this.#texts.set(station.id, text);
    return true;
  }

  #changeOf(status: Status, stations: readonly StationStatus[]): Change {
    const { stations: _, ...edge } = status;
    return { edge: { ...edge, ready: this.#options.verdict(status) }, stations };
  }

  /** Answers with the bytes of it. */
  #push(name: string, change: Change): number {
    const bytes = this.#written(name, ++this.#number, change);
    this.#events.push({ number: this.#number, bytes });
    if (this.#events.length > (this.#options.keep ?? 300)) this.#events.shift();
    for (const page of this.#pages) {
      if (page.writableLength > slowest) page.destroy();
      else page.write(bytes);
    }
    return bytes.length;
  }

  #since(last: string | string[] | undefined): readonly Buffer[] {
    const [run, number] = String(last ?? '').split('/');
    const from = run === this.#options.run ? Number(number) : Number.NaN;
    const first = this.#events[0]?.number ?? Number.POSITIVE_INFINITY;
    if (from >= first - 1 && from <= this.#number)
      return this.#events.filter((event) => event.number > from).map(({ bytes }) => bytes);
    return [this.#wholeNow()];
  }

  /** Made once for all pages that come between two looks: many come at once, after a restart. */
  #wholeNow(): Buffer {
    if (this.#whole.number === this.#number) return this.#whole.bytes;
    const status = this.#options.status();
    const bytes = this.#written('whole', this.#number, this.#changeOf(status, status.stations));
    this.#whole = { number: this.#number, bytes };
    return bytes;
  }

  #written(name: string, number: number, change: Change): Buffer {
    const data = JSON.stringify(change);
    return Buffer.from(`id: ${this.#options.run}/${number}\nevent: ${name}\ndata: ${data}\n\n`);
  }
}
