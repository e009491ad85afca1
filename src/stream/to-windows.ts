import type { OperatorFunction } from 'rxjs';
import { type Codec, type Keep, type Kept, MemoryKeep } from './kept.ts';
import { operator } from './operator.ts';
import { namesAsBytes, packWith, unpack } from './pack.ts';
import type { Step, StepBatch } from './step.ts';
import type { Window } from './window.ts';

export interface ToWindowsOptions {
  /** ms */
  readonly step: number;
  readonly lookback: number;
  /** The columns. */
  readonly variables: readonly string[];
  /**
   * Which sensor stands for a variable of a station. Where it names none, or is not given, the first by name in each
   * step does, whatever came first.
   */
  readonly primarySensor?: ((station: string, variable: string) => string | undefined) | undefined;
  /** Start of the latest calibration epoch before `time` that broke a variable's history, ms since the epoch. */
  readonly epochOf?: ((station: string, variable: string, time: number) => number) | undefined;
  /** Steps covered less than this, 0 to 1, are masked. */
  readonly minimumCoverage?: number | undefined;
  readonly keep?: Keep | undefined;
}

/**
 * Keeps the last `lookback` steps of each station. A batch beyond the newest step makes the next window; one within it
 * makes the newest window again, with the next revision, where it changes a number in it. Older ones change nothing.
 */
export function toWindows(options: ToWindowsOptions): OperatorFunction<StepBatch, Window> {
  return operator((emit) => {
    const windows = new Windows(options, emit);
    return (batch) => windows.take(batch);
  });
}

/** Row-major [lookback, variables], oldest first. A mean is NaN where the step is masked. */
interface Grid {
  end: number;
  revision: number;
  readonly means: Float64Array;
  readonly coverage: Float64Array;
}

class Windows {
  readonly #options: ToWindowsOptions;
  readonly #emit: (window: Window) => void;
  readonly #kept: Kept<Grid>;

  constructor(options: ToWindowsOptions, emit: (window: Window) => void) {
    const { step, lookback, variables, keep = new MemoryKeep() } = options;
    this.#options = options;
    this.#emit = emit;
    this.#kept = keep.map(`toWindows/${step}/${lookback}/${variables.join()}`, codec);
  }

  take({ station, start, steps }: StepBatch): void {
    const { step, lookback, variables } = this.#options;
    const grid = this.#kept.change(station, () => empty(start, lookback * variables.length));
    const rows = (start + step - grid.end) / step;
    if (rows <= -lookback) return;
    if (rows > 0) this.#shift(grid, rows);
    const changed = this.#fill(grid, station, lookback - 1 + Math.min(rows, 0), steps);
    if (rows <= 0 && !changed) return;
    grid.revision = rows > 0 ? 0 : grid.revision + 1;
    this.#emit(this.#windowOf(station, grid));
  }

  /** Makes room for `rows` newer steps; those of which nothing is said are masked. */
  #shift(grid: Grid, rows: number): void {
    const { step, variables } = this.#options;
    const cells = Math.min(rows * variables.length, grid.means.length);
    grid.end += rows * step;
    grid.means.copyWithin(0, cells).fill(NaN, grid.means.length - cells);
    grid.coverage.copyWithin(0, cells).fill(0, grid.coverage.length - cells);
  }

  /** Whether a number changed. */
  #fill({ means, coverage }: Grid, station: string, row: number, steps: readonly Step[]): boolean {
    const { variables, minimumCoverage = 0 } = this.#options;
    let changed = false;
    for (const [column, variable] of variables.entries()) {
      const step = this.#primary(station, variable, steps);
      const covered = step?.coverage ?? 0;
      const mean = step && step.count > 0 && covered >= minimumCoverage ? step.mean : NaN;
      const cell = row * variables.length + column;
      if (Object.is(means[cell], mean) && coverage[cell] === covered) continue;
      changed = true;
      means[cell] = mean;
      coverage[cell] = covered;
    }
    return changed;
  }

  #primary(station: string, variable: string, steps: readonly Step[]): Step | undefined {
    const sensor = this.#options.primarySensor?.(station, variable);
    return steps.find(
      (step) => step.variable === variable && (sensor === undefined || step.sensor === sensor),
    );
  }

  #windowOf(station: string, { end, revision, means, coverage }: Grid): Window {
    const { step, lookback, variables, epochOf } = this.#options;
    const made = arrays(means.length);
    made.coverage.set(coverage);
    for (let column = 0; column < variables.length; column++) {
      const epoch = epochOf?.(station, variables[column]!, end) ?? Number.NEGATIVE_INFINITY;
      for (let row = 0; row < lookback; row++) {
        const cell = row * variables.length + column;
        const holds = !Number.isNaN(means[cell]) && end - (lookback - row) * step >= epoch;
        made.mask[cell] = holds ? 1 : 0;
        made.values[cell] = holds ? means[cell]! : 0;
      }
    }
    return { kind: 'window', station, end, revision, step, lookback, variables, ...made };
  }
}

/** In one buffer: where the arrays are so small, it is buffers that cost. */
function arrays(cells: number): Pick<Window, 'values' | 'coverage' | 'mask'> {
  const buffer = new ArrayBuffer(cells * 17);
  return {
    values: new Float64Array(buffer, 0, cells),
    coverage: new Float64Array(buffer, 8 * cells, cells),
    mask: new Uint8Array(buffer, 16 * cells, cells),
  };
}

function empty(end: number, cells: number): Grid {
  return { end, revision: 0, means: new Float64Array(cells).fill(NaN), coverage: new Float64Array(cells) };
}

const nameless = namesAsBytes([]);

const codec: Codec<Grid> = {
  encode: ({ end, revision, means, coverage }) =>
    packWith(nameless, 2 + means.length + coverage.length, (target) => {
      target[0] = end;
      target[1] = revision;
      target.set(means, 2);
      target.set(coverage, 2 + means.length);
    }),
  decode: (bytes) => {
    const { numbers } = unpack(bytes);
    const cells = (numbers.length - 2) / 2;
    const [end, revision] = numbers;
    return {
      end: end!,
      revision: revision!,
      means: numbers.slice(2, 2 + cells),
      coverage: numbers.slice(2 + cells),
    };
  },
};
