import type { OperatorFunction } from 'rxjs';
import { type Codec, type Keep, type Kept, MemoryKeep } from '../../stream/kept.ts';
import { operator } from '../../stream/operator.ts';
import type { Window } from '../../stream/window.ts';
import type { Forecast, NoForecast } from '../forecast.ts';
import { composed } from '../line-up/line-up-predictor.ts';
import { measuredAt, type Settling, settledUntil } from './truth.ts';

export interface ChooseOptions extends Settling {
  readonly keep?: Keep | undefined;
}

/** Forecasts compared before a member can take the default's place: a week of hourly ones. */
const enough = 168;
/** Share of the default's RMSE that a member must stay below to take its place; at the whole of it, it goes back. */
const margin = 0.95;
/** About how many forecasts the means reach back over. */
const memory = 720;

type Answered = Window | Forecast | NoForecast;

/**
 * Where a line-up does not know a station, its default serves until the station's own record proves another member
 * better: for each horizon, the one with the least squared error over the same steps, once it is below the default by
 * a margin. All members wait for the same truth as a forecast does (verification.ts).
 */
export function chooseMember(options: ChooseOptions): OperatorFunction<Answered, Answered> {
  return operator((emit) => {
    const chooser = new Chooser(options);
    return (item) => {
      if (item.kind === 'window') chooser.settle(item);
      emit(item.kind === 'forecast' && item.beside ? chooser.choose(item, item.beside) : item);
    };
  });
}

/** Of one variable of one station. */
interface Trial {
  settled: number;
  issued: number;
  /** By horizon. */
  horizons: Record<string, Contest>;
  waiting: { time: number; horizon: number; medians: Record<string, number> }[];
}

interface Contest {
  compared: number;
  /** By network: mean squared error. */
  squares: Record<string, number>;
  serving?: string;
}

const begin = (): Trial => ({ settled: -1, issued: -1, horizons: {}, waiting: [] });

const codec: Codec<Trial> = {
  encode: (trial) => Buffer.from(JSON.stringify(trial)),
  decode: (bytes) => JSON.parse(Buffer.from(bytes).toString()),
};

class Chooser {
  readonly #options: ChooseOptions;
  readonly #kept: Kept<Trial>;

  constructor(options: ChooseOptions) {
    this.#options = options;
    this.#kept = (options.keep ?? new MemoryKeep()).map(`choose/${options.step}`, codec);
  }

  settle(window: Window): void {
    const until = settledUntil(window, this.#options);
    for (const variable of window.variables) {
      const key = `${window.station}/${variable}`;
      if (until <= (this.#kept.get(key)?.settled ?? until)) continue;
      const trial = this.#kept.change(key, begin);
      trial.settled = until;
      for (const { time, horizon, medians } of trial.waiting.filter((one) => one.time < until)) {
        const measured = measuredAt(window, variable, time);
        if (measured !== undefined) compare(trial, horizon, medians, measured);
      }
      trial.waiting = trial.waiting.filter(({ time }) => time >= until);
    }
  }

  choose(first: Forecast, beside: readonly Forecast[]): Forecast {
    const all = [first, ...beside];
    const trial = this.#kept.change(`${first.station}/${first.variable}`, begin);
    if (first.issuedAt > trial.issued) enter(trial, all);
    const parts = first.horizons.map((horizon) => {
      const serving = trial.horizons[horizon]?.serving;
      return all.find((one) => networkOf(one) === serving) ?? first;
    });
    return composed(
      first.model,
      parts.map(({ beside: _, ...part }) => part),
    );
  }
}

const networkOf = ({ makers, network }: Forecast) => makers?.[0]?.network ?? network;

function enter(trial: Trial, all: readonly Forecast[]): void {
  const [{ issuedAt, horizons, step }] = all as [Forecast, ...Forecast[]];
  if (trial.issued < 0) trial.settled = issuedAt;
  trial.issued = issuedAt;
  horizons.forEach((horizon, h) => {
    const medians: Record<string, number> = {};
    for (const one of all) {
      const median = one.values[h]![one.quantiles.indexOf(0.5)];
      if (median !== undefined) medians[networkOf(one)] = median;
    }
    trial.waiting.push({ time: issuedAt + (horizon - 1) * step, horizon, medians });
  });
}

/** Only steps that all of the same members forecast are compared; another set of members begins anew. */
function compare(trial: Trial, horizon: number, medians: Record<string, number>, measured: number): void {
  const names = Object.keys(medians);
  const known = trial.horizons[horizon];
  const same = known !== undefined && Object.keys(known.squares).join() === names.join();
  const contest: Contest = same
    ? known
    : { compared: 0, squares: Object.fromEntries(names.map((name) => [name, 0])) };
  trial.horizons[horizon] = contest;
  const share = 1 / Math.min(++contest.compared, memory);
  for (const name of names)
    contest.squares[name]! += ((medians[name]! - measured) ** 2 - contest.squares[name]!) * share;
  decide(contest, names[0]!);
}

function decide(contest: Contest, standard: string): void {
  if (contest.compared < enough) return;
  const error = (name: string) => Math.sqrt(contest.squares[name]!);
  const { serving } = contest;
  if (serving !== undefined && error(serving) >= error(standard)) delete contest.serving;
  const best = Object.keys(contest.squares).reduce((a, b) => (error(b) < error(a) ? b : a));
  const rival = contest.serving ?? standard;
  if (best !== rival && error(best) < margin * error(rival)) contest.serving = best;
}
