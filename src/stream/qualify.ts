import type { OperatorFunction } from 'rxjs';
import { Flag, type Reading } from '../ingest/reading.ts';
import { ChainChecks, OUTCOMES, RECEIVED_AT, VALUE, WIDTH } from './chain.ts';
import {
  type Limits,
  missing,
  Outcome,
  outcomes,
  sameVerdict,
  type Verdict,
  verdictOf,
  withSpike,
} from './checks.ts';
import { cellStart, firstReflaggable, gapOf, type Revisability } from './grid.ts';
import { type Codec, type Keep, type Kept, MemoryKeep } from './kept.ts';
import { operator } from './operator.ts';
import { type Series, SeriesSet } from './series.ts';

export type { Limits } from './checks.ts';

export interface QualifyOptions extends Revisability {
  /** By variable; readings of others stay "not evaluated". */
  readonly limits: Readonly<Record<string, Limits>>;
  readonly keep?: Keep | undefined;
}

/**
 * Flags readings after QARTOD. The value never changes. A flag that a later arrival changes is told by emitting that
 * reading again with revision `flagged`, ahead of the reading that caused it, so that what a watermark closes has its
 * final flags. In the end the flags are those of the whole series in order of time, whatever the order of arrival.
 * All that is no reading passes.
 *
 * What the manuals leave open is decided so:
 * - A value that is not finite is missing (9). Missing values and those that fail the gross range are nobody's
 *   neighbours: a sensor that says -999 and one that says nothing leave the same flags around them.
 * - Readings further apart than `gap` are no neighbours either; a flat line does not go on across a gap.
 * - A check without a neighbour that it needs is not evaluated: spike for the first and the last, rate of change for
 *   the first. That does not count against a reading that passes another check: it is 1.
 * - Rate of change divides by the real distance in time, below a second as well.
 * - A flat line is counted in readings, and a tolerance of 0 finds equal values.
 * - At or above the ceiling a value is censored evidence: what would fail is suspect.
 * - `lateOnly` readings meet the gross range alone.
 */
export function qualify<T extends { readonly kind: string }>(
  options: QualifyOptions,
): OperatorFunction<T | Reading, T | Reading> {
  return operator((emit) => {
    const qualifier = new Qualifier(options, emit);
    return (event) => (event.kind === 'reading' ? qualifier.take(event as Reading) : emit(event));
  });
}

interface Chains {
  newest: number;
  readonly series: SeriesSet;
}

const codec: Codec<Chains> = {
  encode: ({ newest, series }) => series.pack([newest]),
  decode: (bytes) => {
    const { head, series } = SeriesSet.unpack(WIDTH, () => 1, bytes);
    return { newest: head[0]!, series };
  },
};

const create = (): Chains => ({ newest: -Infinity, series: new SeriesSet(WIDTH) });

class Qualifier {
  readonly #grid: Revisability;
  readonly #emit: (reading: Reading) => void;
  readonly #kept: Kept<Chains>;
  readonly #checks: ReadonlyMap<string, ChainChecks>;

  constructor(options: QualifyOptions, emit: (reading: Reading) => void) {
    this.#grid = options;
    this.#emit = emit;
    this.#kept = (options.keep ?? new MemoryKeep()).map('qualify', codec);
    this.#checks = new Map(
      Object.entries(options.limits).map(([name, limits]) => [name, new ChainChecks(limits, gapOf(options))]),
    );
  }

  take(reading: Reading): void {
    const checks = this.#checks.get(reading.variable);
    const gross = checks?.grossRange(reading.value) ?? Outcome.notEvaluated;
    const alone = Number.isFinite(reading.value) ? verdictOf(outcomes(gross, 0, 0, 0)) : missing;
    if (checks && !reading.lateOnly) this.#place(reading, checks, alone);
    else this.#emit(judged(reading, alone));
  }

  #place(reading: Reading, checks: ChainChecks, alone: Verdict): void {
    const state = this.#kept.change(reading.station, create);
    if (reading.time > state.newest) this.#advance(state, reading.time);
    if (alone.flag === Flag.missing || alone.flag === Flag.fail) this.#leave(state, reading, checks, alone);
    else this.#join(state.series.open(reading.variable, reading.sensor), reading, checks);
  }

  #join(chain: Series, reading: Reading, checks: ChainChecks): void {
    const row = chain.search(reading.time);
    if (!chain.holds(row, reading.time)) chain.insert(row, reading.time);
    chain.put(row, VALUE, reading.value);
    chain.put(row, RECEIVED_AT, reading.receivedAt);
    const bits = checks.evaluate(chain, row);
    chain.put(row, OUTCOMES, bits);
    this.#revise(chain, reading, checks, row - 1, row + 1);
    this.#emit(judged(reading, verdictOf(bits)));
  }

  /** A reading that is nobody's neighbour, where before its correction it may have been one. */
  #leave({ series }: Chains, reading: Reading, checks: ChainChecks, verdict: Verdict): void {
    const chain = series.find(reading.variable, reading.sensor);
    const row = chain?.search(reading.time) ?? 0;
    if (chain?.holds(row, reading.time)) {
      chain.remove(row);
      this.#revise(chain, reading, checks, row - 1, row);
    }
    this.#emit(judged(reading, verdict));
  }

  /** Row `before` has another neighbour after it; the rows from `after` on have another past. */
  #revise(chain: Series, of: Reading, checks: ChainChecks, before: number, after: number): void {
    if (before >= 0)
      this.#reflag(chain, of, before, withSpike(chain.at(before, OUTCOMES), checks.spike(chain, before)));
    const end = Math.min(chain.length, after + checks.reach);
    for (let row = after; row < end; row++) this.#reflag(chain, of, row, checks.evaluate(chain, row));
  }

  #reflag(chain: Series, of: Reading, row: number, bits: number): void {
    const old = chain.at(row, OUTCOMES);
    if (old === bits) return;
    chain.put(row, OUTCOMES, bits);
    if (!sameVerdict(old, bits)) this.#emit(reflagged(of, chain, row));
  }

  /** Forgetting is done once per cell: it costs the common reading nothing. */
  #advance(state: Chains, time: number): void {
    const entered = cellStart(time, this.#grid.step) > cellStart(state.newest, this.#grid.step);
    state.newest = time;
    if (!entered) return;
    state.series.dropBefore(
      firstReflaggable(time, this.#grid),
      ({ variable, series }, row) => this.#checks.get(variable)?.historyOf(series, row) ?? 0,
    );
  }
}

function judged(reading: Reading, { flag, failed }: Verdict): Reading {
  const { station, sensor, variable, time, value, receivedAt, revision, lateOnly } = reading;
  return {
    kind: 'reading',
    station,
    sensor,
    variable,
    time,
    value,
    receivedAt,
    flag,
    failed,
    revision,
    lateOnly,
  };
}

/** A reading of the same series that came before, with the flag that it has now. */
function reflagged({ station, sensor, variable }: Reading, chain: Series, row: number): Reading {
  const { flag, failed } = verdictOf(chain.at(row, OUTCOMES));
  const [time, value, receivedAt] = [chain.time(row), chain.at(row, VALUE), chain.at(row, RECEIVED_AT)];
  const [revision, lateOnly] = ['flagged', false] as const;
  return {
    kind: 'reading',
    station,
    sensor,
    variable,
    time,
    value,
    receivedAt,
    flag,
    failed,
    revision,
    lateOnly,
  };
}
