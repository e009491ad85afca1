import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { requireServer } from './servers.ts';

/** A line of output, without its end. */
export interface Line {
  /** ms since the start of the process. */
  readonly at: number;
  readonly from: 'out' | 'err';
  readonly text: string;
}

export interface End {
  /** -1 where a signal ended it. */
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

interface Waiting {
  readonly pattern: RegExp;
  readonly resolve: (text: string) => void;
}

const entry = fileURLToPath(new URL('commands/redtide.ts', import.meta.url));

/** The command line as a child process, from the sources; it ends with the test. */
export function redtide(t: ExecutionContext, ...args: string[]): Program {
  const program = new Program(args);
  const abandon = () => program.signal('SIGKILL');
  process.once('exit', abandon);
  t.teardown(async () => {
    process.off('exit', abandon);
    abandon();
    await program.ended;
  });
  return program;
}

/** A folder that goes with the test. */
export function temporaryFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'redtide-test-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Resolves once `condition` does with true; rejects, naming `what`, after `within` ms. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  within = 120_000,
): Promise<void> {
  const end = performance.now() + within;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`${what}: not within ${within} ms`);
    await sleep(50);
  }
}

/**
 * Bytes that a file of the process may have; its writes fail beyond, as on a full disk (setrlimit(2), the soft
 * RLIMIT_FSIZE). False where there is no prlimit, and none is required.
 */
export function limitFiles(
  t: ExecutionContext,
  pid: number | undefined,
  bytes: number | 'unlimited',
): boolean {
  const prlimit = requireServer(t, 'prlimit', ['/usr/bin/prlimit', '/bin/prlimit']);
  if (prlimit) execFileSync(prlimit, ['--pid', `${pid}`, `--fsize=${bytes}:`]);
  return prlimit !== undefined;
}

export class Program {
  readonly lines: Line[] = [];
  /** Settles when the process is gone and all its output is here. */
  readonly ended: Promise<End>;
  readonly #args: readonly string[];
  readonly #child: ChildProcess;
  readonly #start = performance.now();
  #waiting: Waiting[] = [];

  constructor(args: readonly string[]) {
    this.#args = args;
    this.#child = spawn(process.execPath, ['--import=tsx', entry, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const from of ['out', 'err'] as const) this.#collect(from);
    this.ended = new Promise((resolve) =>
      this.#child.once('close', (code) =>
        resolve({ code: code ?? -1, out: this.text('out'), err: this.text('err') }),
      ),
    );
  }

  /** All whole lines of one stream, or of both in the order of their arrival. */
  text(from?: Line['from']): string {
    const own = this.lines.filter((line) => from === undefined || line.from === from);
    return own.map(({ text }) => `${text}\n`).join('');
  }

  /**
   * The first line that fits, whether it came already or is to come. Rejects with all output after `within` ms, or
   * when the process ends before.
   */
  async line(pattern: RegExp, within = 60_000): Promise<string> {
    const there = this.lines.find(({ text }) => pattern.test(text));
    if (there) return there.text;
    const patience = new AbortController();
    const found = new Promise<string>((resolve) => this.#waiting.push({ pattern, resolve }));
    const late = sleep(within, `not within ${within} ms`, { signal: patience.signal }).catch(() => '');
    const ended = this.ended.then(({ code }) => `it ended with ${code}`);
    const outcome = await Promise.race([found.then((text) => ({ text })), late, ended]);
    patience.abort();
    if (typeof outcome === 'object') return outcome.text;
    throw new Error(`redtide ${this.#args.join(' ')}: no line ${pattern}: ${outcome}\n${this.text()}`);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** From here on nobody reads what it says. */
  deafen(): void {
    this.#child.stdout!.destroy();
    this.#child.stderr!.destroy();
  }

  /** Signals, and resolves with the end and how long it took, ms. */
  async stop(name: NodeJS.Signals): Promise<End & { readonly took: number }> {
    const from = performance.now();
    this.signal(name);
    return { ...(await this.ended), took: performance.now() - from };
  }

  #collect(from: Line['from']): void {
    let rest = '';
    this.#child[from === 'out' ? 'stdout' : 'stderr']!.setEncoding('utf8').on('data', (chunk: string) => {
      const texts = (rest + chunk).split('\n');
      rest = texts.pop()!;
      for (const text of texts) this.#take({ at: performance.now() - this.#start, from, text });
    });
  }

  #take(line: Line): void {
    this.lines.push(line);
    for (const { pattern, resolve } of this.#waiting) if (pattern.test(line.text)) resolve(line.text);
    this.#waiting = this.#waiting.filter(({ pattern }) => !pattern.test(line.text));
  }
}
