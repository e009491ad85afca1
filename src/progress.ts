import type { Status } from './dashboard/status.ts';
import { totals } from './dashboard/status.ts';
import { changes, render, summary } from './progress-view.ts';

/** The part of a `WriteStream` that is needed. */
export interface Terminal {
  write(text: string, done?: (error?: Error | null) => void): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

export interface ProgressOptions {
  readonly status: () => Status;
  /** Real ms from any origin. */
  readonly now: () => number;
  /** Whether a person watches; what the stream says unless given. */
  readonly isTTY?: boolean | undefined;
  /** Looked at for NO_COLOR (no-color.org). */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

export interface Progress {
  /** Where others write whole lines: above the live view on a terminal, plainly in a pipe. */
  readonly lines: {
    readonly isTTY: boolean;
    write(text: string, done?: (error?: Error | null) => void): void;
  };
  /** Begins to show; until `stop` the process is not kept alive by it. */
  start(): void;
  /** One look at the status; `start` does this in time. */
  look(): void;
  /** A last look; gives the cursor back. May be called twice. */
  stop(): void;
}

const hideCursor = '\x1b[?25l';
const showCursor = '\x1b[?25h';
const clearToEnd = '\x1b[J';
const clearLine = '\x1b[K';
const quietEvery = 10_000;

/** Live progress on a terminal, redrawn in place; in a pipe a line on each change and every 10 s. */
export function createProgress(stream: Terminal, options: ProgressOptions): Progress {
  const isTTY = options.isTTY ?? stream.isTTY === true;
  const colour = isTTY && !options.env?.['NO_COLOR'];
  return isTTY ? live(stream, options, colour) : quiet(stream, options);
}

function live(stream: Terminal, { status, now }: ProgressOptions, colour: boolean): Progress {
  const rate = throughput(now);
  let drawn = 0;
  let timer: NodeJS.Timeout | undefined;
  const home = () => (drawn > 0 ? `\x1b[${drawn}A\r` : '');
  const picture = () => {
    const now = status();
    const { columns = 80, rows = 24 } = stream;
    const lines = render(now, {
      width: columns - 1,
      height: rows - 1,
      colour,
      rate: rate(totals(now).received),
    });
    drawn = lines.length;
    return lines.map((line) => `${line}${clearLine}\n`).join('') + clearToEnd;
  };
  const restore = () => stream.write(showCursor);
  const look = () => void stream.write(home() + picture());
  return {
    lines: {
      isTTY: true,
      write: (text, done) => void stream.write(timer ? home() + clearToEnd + text + picture() : text, done),
    },
    start: () => {
      stream.write(hideCursor);
      process.once('exit', restore);
      timer = setInterval(look, 500).unref();
      look();
    },
    look,
    stop: () => {
      if (!timer) return;
      clearInterval(timer);
      timer = undefined;
      process.off('exit', restore);
      look();
      restore();
    },
  };
}

function quiet(stream: Terminal, { status, now }: ProgressOptions): Progress {
  const rate = throughput(now);
  let before: Status | undefined;
  let said = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  const say = (line: string) => void stream.write(`${line}\n`);
  const sum = (current: Status) => {
    said = now();
    say(summary(current, rate(totals(current).received)));
  };
  const look = () => {
    const current = status();
    if (before) changes(before, current).forEach(say);
    if (now() - said >= quietEvery) sum(current);
    before = current;
  };
  return {
    lines: { isTTY: false, write: (text, done) => void stream.write(text, done) },
    start: () => {
      timer = setInterval(look, 1000).unref();
      look();
    },
    look,
    stop: () => {
      if (!timer) return;
      clearInterval(timer);
      timer = undefined;
      sum(status());
    },
  };
}

/** Values per real second since the look before, over at least a second. */
function throughput(now: () => number): (received: number) => number | undefined {
  let [at, count]: [number, number | undefined] = [now(), undefined];
  let rate: number | undefined;
  return (received) => {
    const seconds = (now() - at) / 1000;
    if (count === undefined) [at, count] = [now(), received];
    else if (seconds >= 1) {
      rate = (received - count) / seconds;
      [at, count] = [now(), received];
    }
    return rate;
  };
}
