import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import type { Point } from './points.ts';

const entry = fileURLToPath(new URL('edge-entry.ts', import.meta.url));

export interface Death {
  readonly at: Point;
  /** PUBACKs before the process can be ended. */
  readonly after: number;
  /** How often the point is passed then. */
  readonly skip: number;
  /** ms into the point, or after the last of these PUBACKs for `random`. */
  readonly delay: number;
}

/** One life of an edge, as a child process. */
export class Victim {
  /** Resolves once the PUBACKs that must come first are written. */
  readonly armed: Promise<void>;
  /** Resolves with the signal, or the code, that it ended with. */
  readonly ended: Promise<NodeJS.Signals | number>;
  readonly #child: ChildProcess;
  #said = '';

  constructor(t: ExecutionContext, config: string, { at, after, skip, delay }: Death) {
    const child = spawn(process.execPath, ['--import=tsx', '--no-warnings', entry, config], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        ...process.env,
        REDTIDE_KILL_AT: at,
        REDTIDE_KILL_AFTER: `${after}`,
        REDTIDE_KILL_SKIP: `${skip}`,
        REDTIDE_KILL_DELAY: `${delay}`,
      },
    });
    this.#child = child;
    for (const stream of [child.stdout!, child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => (this.#said += text));
    this.armed = new Promise((resolve) => child.once('message', () => resolve()));
    this.ended = new Promise((resolve) =>
      child.once('close', (code, signal) => resolve(signal ?? code ?? -1)),
    );
    const abandon = () => child.kill('SIGKILL');
    process.once('exit', abandon);
    void this.ended.then(() => process.off('exit', abandon));
    t.teardown(() => {
      abandon();
      return this.ended.then(() => {});
    });
  }

  /** What it said, the end of it. */
  get said(): string {
    return this.#said.slice(-3000);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }
}
