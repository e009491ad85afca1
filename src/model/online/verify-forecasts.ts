import type { OperatorFunction } from 'rxjs';
import { type Keep, type Kept, MemoryKeep } from '../../stream/kept.ts';
import { operator } from '../../stream/operator.ts';
import type { Window } from '../../stream/window.ts';
import type { Forecast, Maker, NoForecast } from '../forecast.ts';
import { type Climate, note, usual } from './climate.ts';
import * as conformal from './conformal.ts';
import { nothing, recordOf, skillOf, skillOverClimatology, take } from './rolling.ts';
import { codec, type Horizon, newStanding, type Standing, type Waiting } from './standing.ts';
import { measuredAt, type Settling, settledUntil } from './truth.ts';
import type { Verification } from './verification.ts';

export interface VerifyOptions extends Settling {
  /** By variable: the most that its sensors can tell, in its unit. */
  readonly limits?: Readonly<Record<string, { readonly ceiling?: number | undefined }>> | undefined;
  readonly keep?: Keep | undefined;
}

type Answered = Window | Forecast | NoForecast;

/**
 * Compares each first-issued forecast with what was measured, and gives the next ones the quantiles and the record
 * that follow from it. Windows come before the forecasts made from them. A revision takes the same quantiles as a
 * first one would, and is not verified. A truth at its sensor's ceiling says "at least": a forecast at or above it made
 * no error, an interval that reaches up to it held, and nothing is learned for the quantiles.
 */
export function verifyForecasts(options: VerifyOptions): OperatorFunction<Answered, Answered | Verification> {
  return operator((emit) => {
    const verifier = new Verifier(options, emit);
    return (item) => {
      if (item.kind === 'window') verifier.settle(item);
      emit(item.kind === 'forecast' ? verifier.issue(item) : item);
    };
  });
}

class Verifier {
  readonly #options: VerifyOptions;
  readonly #emit: (verification: Verification) => void;
  readonly #kept: Kept<Standing>;
  /** Of the station whose forecasts come next. */
  #window: Window | undefined;

  constructor(options: VerifyOptions, emit: (verification: Verification) => void) {
    const { step, keep = new MemoryKeep() } = options;
    this.#options = options;
    this.#emit = emit;
    this.#kept = keep.map(`verify/${step}`, codec);
  }

  /** Compares what waits for the steps of this window that are old enough. */
  settle(window: Window): void {
    this.#window = window;
    for (const variable of window.variables) {
      const standing = this.#kept.get(keyOf(window.station, variable));
      if (!standing) continue;
      const until = settledUntil(window, this.#options);
      if (until <= standing.settled) continue;
      const changed = this.#kept.change(keyOf(window.station, variable), newStanding);
      learnClimate(changed, window, variable, until);
      changed.settled = until;
      this.#compare(changed, window, variable);
    }
  }

  /** The forecast with calibrated quantiles and its record; it waits for its truth if it is the first of its time. */
  issue(forecast: Forecast): Forecast {
    const standing = this.#kept.change(keyOf(forecast.station, forecast.variable), newStanding);
    const record = recordOf([...standing.horizons.values()].map(({ rolling }) => rolling));
    const issued = calibratedBy(standing, forecast);
    if (forecast.issuedAt > standing.issued) this.#await(standing, forecast, issued);
    return { ...issued.forecast, ...(record && { record }) };
  }

  #compare(standing: Standing, window: Window, variable: string): void {
    const due = standing.waiting.filter(({ time }) => time < standing.settled);
    standing.waiting = standing.waiting.filter(({ time }) => time >= standing.settled);
    for (const waiting of due) {
      const measured = measuredAt(window, variable, waiting.time);
      if (measured === undefined) continue;
      this.#emit(this.#verify(standing.horizons.get(waiting.horizon)!, waiting, measured, window, variable));
    }
  }

  #verify(
    { conformal: state, rolling }: Horizon,
    waiting: Waiting,
    measured: number,
    { station, step }: Window,
    variable: string,
  ): Verification {
    const { time, horizon, maker, median: forecast, persistence, climatology, low, high } = waiting;
    const censored = measured >= (this.#options.limits?.[variable]?.ceiling ?? Number.POSITIVE_INFINITY);
    const truth = censored ? Math.max(measured, forecast) : measured;
    const within = Number.isNaN(low) ? undefined : (censored || measured >= low) && measured <= high;
    const drift = take(rolling, { forecast, measured: truth, persistence, climatology, within });
    if (!censored) learn(state, waiting, measured);
    const { verified, bias, coverage, intervals } = rolling;
    const skill = skillOf(rolling);
    const overClimatology = skillOverClimatology(rolling);
    return {
      kind: 'verification',
      station,
      variable,
      issuedAt: time - (horizon - 1) * step,
      horizon,
      step,
      ...maker,
      forecast,
      measured,
      persistence,
      ...(!Number.isNaN(climatology) && { climatology }),
      ...(censored && { censored }),
      ...(within !== undefined && { within }),
      verified,
      ...(skill !== undefined && { skill }),
      ...(overClimatology !== undefined && { skillOverClimatology: overClimatology }),
      ...(intervals > 0 && { coverage }),
      bias,
      drift,
    };
  }

  #await(standing: Standing, forecast: Forecast, issued: Issued): void {
    const persistence = lastOf(this.#window, forecast);
    if (standing.settled === Number.NEGATIVE_INFINITY) standing.settled = forecast.issuedAt;
    standing.issued = forecast.issuedAt;
    if (persistence === undefined) return;
    forecast.horizons.forEach((_, h) => {
      const waiting = waitingOf(forecast, issued, h, persistence, standing.climate);
      if (waiting) standing.waiting.push(waiting);
    });
  }
}

/** Of each step that is known for good now. */
function learnClimate({ climate, settled }: Standing, window: Window, variable: string, until: number): void {
  for (let time = settled; time < until; time += window.step) {
    const value = measuredAt(window, variable, time);
    if (value !== undefined) note(climate, time, value);
  }
}

const keyOf = (station: string, variable: string) => `${station}/${variable}`;

/** Where the forecast was another network's, its error says nothing of those that come. */
function learn(state: conformal.Conformal, waiting: Waiting, measured: number): void {
  if (state.network === waiting.maker.network) conformal.learn(state, waiting, measured);
}

const makerOf = ({ makers, model, network }: Forecast, h: number): Maker => makers?.[h] ?? { model, network };

const quantilesOf = ({ quantiles, values }: Forecast, h: number): conformal.Quantiles => ({
  levels: quantiles,
  values: values[h]!,
});

/** The state of a horizon; another network, or other levels, begin its calibration anew. */
function horizonOf({ horizons }: Standing, forecast: Forecast, h: number): Horizon {
  const { network } = makerOf(forecast, h);
  const known = horizons.get(forecast.horizons[h]!);
  if (known && conformal.isOf(known.conformal, network, forecast.quantiles)) return known;
  const fresh = {
    conformal: conformal.begin(network, forecast.quantiles),
    rolling: known?.rolling ?? nothing(),
  };
  horizons.set(forecast.horizons[h]!, fresh);
  return fresh;
}

interface Issued {
  readonly forecast: Forecast;
  /** By horizon, as conformal.ts made them; undefined where it did not. */
  readonly made: readonly (readonly number[] | undefined)[];
}

/** Each horizon by its own errors; a point forecast stays one until all horizons have enough. */
function calibratedBy(standing: Standing, forecast: Forecast): Issued {
  const all = forecast.horizons.map((_, h) =>
    conformal.calibrated(horizonOf(standing, forecast, h).conformal, quantilesOf(forecast, h)),
  );
  const some = all.find((one) => one !== undefined);
  if (!some || (some.levels.length !== forecast.quantiles.length && all.includes(undefined)))
    return { forecast, made: [] };
  const values = all.map((one, h) => one?.values ?? forecast.values[h]!);
  return { forecast: { ...forecast, quantiles: some.levels, values }, made: all.map((one) => one?.made) };
}

function waitingOf(
  forecast: Forecast,
  issued: Issued,
  h: number,
  persistence: number,
  climate: Climate,
): Waiting | undefined {
  const [own, told] = [quantilesOf(forecast, h), quantilesOf(issued.forecast, h)];
  const median = conformal.medianOf(own);
  if (median === undefined) return undefined;
  const horizon = forecast.horizons[h]!;
  const time = forecast.issuedAt + (horizon - 1) * forecast.step;
  return {
    time,
    horizon,
    maker: makerOf(forecast, h),
    median,
    persistence,
    climatology: usual(climate, time),
    low: at(told, 0.1),
    high: at(told, 0.9),
    made: issued.made[h] ?? [],
  };
}

const at = ({ levels, values }: conformal.Quantiles, level: number) =>
  values[levels.indexOf(level)] ?? Number.NaN;

/** The last valid value of the window that a forecast was made from. */
function lastOf(window: Window | undefined, { station, variable, issuedAt }: Forecast): number | undefined {
  if (window?.station !== station || window.end !== issuedAt) return undefined;
  for (
    let time = issuedAt - window.step;
    time >= issuedAt - window.lookback * window.step;
    time -= window.step
  ) {
    const value = measuredAt(window, variable, time);
    if (value !== undefined) return value;
  }
  return undefined;
}
