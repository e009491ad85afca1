// What the benchmarks of the pipeline share: servers, a fleet's messages, processes whose CPU time is read.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A folder, and an end for all that was started, whatever became of the benchmark. */
export async function onStage<T>(act: (stage: Stage) => Promise<T>): Promise<T> {
  const stage = new Stage();
  try {
    return await act(stage);
  } finally {
    await stage.end();
  }
}

export class Stage {
  readonly folder = mkdtempSync(join(tmpdir(), 'redtide-bench-'));
  readonly #ends: (() => unknown)[] = [];

  /** What the servers of the tests ask of a test. */
  get t(): ExecutionContext {
    const missing = (text: string) => console.error(text);
    return {
      teardown: (end: () => unknown) => void this.#ends.push(end),
      log: missing,
      pass: () => {},
      fail: missing,
    } as unknown as ExecutionContext;
  }

  later(end: () => unknown): void {
    this.#ends.push(end);
  }

  /** Plain JavaScript as it is installed: a loader for TypeScript costs, and not both sides the same. */
  spawn(script: string, ...args: string[]): Child {
    return this.node(join(root, script), ...args);
  }

  /** Node with these arguments, in the root of the repository. */
  node(...args: string[]): Child {
    const child = new Child(args);
    this.#ends.push(() => child.stop());
    return child;
  }

  async end(): Promise<void> {
    for (const end of this.#ends.reverse()) await end();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A Node process; `REDTIDE_BENCH_NODE` has options for it, such as `--cpu-prof`. */
export class Child {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  /** Rejects when it ends. */
  readonly died: Promise<never>;

  constructor(args: readonly string[]) {
    const options = (process.env['REDTIDE_BENCH_NODE'] ?? '').split(' ').filter(Boolean);
    this.#child = spawn(process.execPath, [...options, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: root,
    });
    this.died = once(this.#child, 'exit').then(([code, signal]) => {
      throw new Error(`the process ended by itself: ${code ?? signal}`);
    });
    this.died.catch(() => {});
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  /** The next line of output. */
  async line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('the process ended before it said what was waited for');
    return value;
  }

  async lineWith(text: string): Promise<string> {
    for (;;) {
      const line = await this.line();
      if (line.includes(text)) return line;
    }
  }

  /** Seconds of CPU of all its threads, as Linux counts them (in hundredths). */
  get cpu(): number {
    const fields = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    await ended;
  }
}

export async function until(condition: () => boolean | Promise<boolean>, every = 100): Promise<void> {
  while (!(await condition())) await sleep(every);
}

export const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;

export const round = (value: number, digits = 2) => Number(value.toFixed(digits));
