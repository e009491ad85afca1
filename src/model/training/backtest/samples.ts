/**
 * What several forecasters said of one variable at one station, and what was measured. NaN stands where nothing was
 * measured or said. All arrays are row-major with a row for each issue, by time.
 */
export interface Samples {
  readonly station: string;
  readonly variable: string;
  /** ms */
  readonly step: number;
  readonly horizons: readonly number[];
  /** Levels of the quantiles, rising; 0.5 among them is the point forecast. */
  readonly levels: readonly number[];
  /** [issues]: ends of the windows, ms since the epoch, rising. */
  readonly issuedAt: Float64Array;
  /** [issues]: the newest value of the window. */
  readonly now: Float64Array;
  /** [issues, horizons] */
  readonly truth: Float64Array;
  /** By forecaster, [issues, horizons, levels]; one that gives points only has but the median. */
  readonly said: ReadonlyMap<string, Float64Array>;
}

/** The truth is hidden where any forecaster has no median: all are scored on exactly the same samples. */
export function onSameSamples(samples: Samples): Samples {
  const { levels, said } = samples;
  const median = levels.indexOf(0.5);
  const truth = samples.truth.map((value, i) =>
    [...said.values()].every((own) => Number.isFinite(own[i * levels.length + median]!)) ? value : Number.NaN,
  );
  return { ...samples, truth };
}

/** The samples of one horizon that count, by time. */
export interface Scored {
  /** Starts of the steps that were forecast, ms since the epoch. */
  readonly times: Float64Array;
  readonly truth: Float64Array;
  /** [samples, levels] by forecaster. */
  readonly said: ReadonlyMap<string, Float64Array>;
  readonly levels: readonly number[];
}

/** Those with a truth. */
export function scoredAt(samples: Samples, h: number): Scored {
  const { horizons, levels, issuedAt, truth, said, step } = samples;
  const rows = Array.from(issuedAt.keys()).filter((i) => Number.isFinite(truth[i * horizons.length + h]!));
  const size = levels.length;
  const pick = (own: Float64Array) => {
    const out = new Float64Array(rows.length * size);
    rows.forEach((i, row) => {
      const at = (i * horizons.length + h) * size;
      out.set(own.subarray(at, at + size), row * size);
    });
    return out;
  };
  return {
    levels,
    times: Float64Array.from(rows, (i) => issuedAt[i]! + (horizons[h]! - 1) * step),
    truth: Float64Array.from(rows, (i) => truth[i * horizons.length + h]!),
    said: new Map([...said].map(([name, own]) => [name, pick(own)])),
  };
}

/** One level's column of [samples, levels]; all NaN where the level is not among them. */
export function quantileColumn(
  { levels }: Pick<Scored, 'levels'>,
  own: Float64Array,
  level: number,
): Float64Array {
  const at = levels.indexOf(level);
  const count = own.length / levels.length;
  return Float64Array.from({ length: count }, (_, i) => (at < 0 ? Number.NaN : own[i * levels.length + at]!));
}
