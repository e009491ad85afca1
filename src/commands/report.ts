import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { type Drawn, drawn } from '../dashboard/history.ts';
import type { Forecast } from '../model/forecast.ts';
import { type Curve, forecastPicture } from '../picture/forecast-picture.ts';
import { png } from '../picture/resvg-png.ts';
import type { Store } from '../store/store.ts';
import { type Command, exit, instant, text, UsageError } from './command.ts';
import { historyOf } from './shore.ts';

export const command: Command = {
  summary: 'pictures of a station for a bulletin, as PNG',
  usage: 'FILE STATION --from TIME --to TIME [options]',
  about: `Draws each variable of the station from the store of the configuration FILE: what was measured from --from to --to in
blue, and in orange the newest forecast that was issued in that span, with its interval. One file a variable,
STATION-VARIABLE.png. Reads beside a running edge.`,
  options: {
    from: { type: 'string', value: 'TIME', help: 'such as 2026-05-01 or 2026-05-01T06:00Z' },
    to: { type: 'string', value: 'TIME', help: 'end of the span; later values are not drawn' },
    variables: {
      type: 'string',
      value: 'A,B',
      help: "which ones (all of the configuration's that are stored)",
    },
    out: { type: 'string', value: 'DIR', help: 'where to (this folder)' },
  },
  async run(values, [file, station], io) {
    if (!file || !station) throw new UsageError('needs a configuration file and a station');
    const config = loadConfig(file);
    const [from, to] = [instant(values, 'from'), instant(values, 'to')];
    if (from === undefined || to === undefined || from >= to)
      throw new UsageError('needs --from and a later --to');
    const names = text(values, 'variables')?.split(',') ?? Object.keys(config.variables);
    const unknown = names.find((name) => !Object.hasOwn(config.variables, name));
    if (unknown !== undefined) throw new UsageError(`--variables: the configuration has no ${unknown}`);
    const folder = text(values, 'out') ?? '.';
    const { store, close } = historyOf(config);
    try {
      const pictures = await draw(store, config, { station, from, to }, names);
      if (pictures.size === 0)
        throw new Error(`nothing of ${station} is stored from ${iso(from)} to ${iso(to)}`);
      mkdirSync(folder, { recursive: true });
      for (const [name, picture] of pictures) {
        const path = join(folder, `${station}-${name}.png`);
        writeFileSync(path, picture);
        io.out.write(`${path}\n`);
      }
      return exit.ok;
    } finally {
      await close();
    }
  },
};

interface Span {
  readonly station: string;
  readonly from: number;
  readonly to: number;
}

/** No bulletin has room for more. */
const widest = 700;

async function draw(
  store: Store,
  config: Config,
  span: Span,
  variables: readonly string[],
): Promise<Map<string, Buffer>> {
  const pictures = new Map<string, Buffer>();
  for (const variable of variables) {
    const observed = await drawn(store, { ...span, variable }, widest);
    if (observed.time.length === 0) continue;
    const forecast = await newestForecast(store, span, variable);
    pictures.set(variable, png(forecastPicture(curveOf(config, span, variable, observed, forecast))));
  }
  return pictures;
}

async function newestForecast(store: Store, span: Span, variable: string): Promise<Forecast | undefined> {
  let newest: Forecast | undefined;
  for await (const forecast of store.forecasts({ ...span, variable }))
    if (forecast.revision === 0 && (newest === undefined || forecast.issuedAt > newest.issuedAt))
      newest = forecast;
  return newest;
}

function curveOf(
  { stations, variables }: Config,
  { station, from, to }: Span,
  variable: string,
  observed: Drawn,
  forecast: Forecast | undefined,
): Curve {
  const { title = variable, unit } = variables[variable]!;
  const name = stations.find(({ id }) => id === station)?.name;
  const levels = forecast?.quantiles ?? [];
  return {
    title: `${title} at ${name ? `${name} (${station})` : station}`,
    subtitle: `${iso(from)} to ${iso(to)}${forecast ? `; forecast by ${forecast.network}, model ${forecast.model}` : ''}`,
    unit,
    observed: withGaps(observed),
    forecast: forecast && pointsOf(forecast),
    coverage: levels.length > 1 ? levels.at(-1)! - levels[0]! : undefined,
    issuedAt: forecast?.issuedAt,
  };
}

/** A hole of more than four times the usual distance breaks the line. */
function withGaps({ time, mean }: Drawn): Curve['observed'] {
  const distances = time.slice(1).map((at, i) => at - time[i]!);
  const usual = [...distances].sort((a, b) => a - b)[Math.floor(distances.length / 2)] ?? 0;
  return time.flatMap((at, i) => {
    const hole = i > 0 && at - time[i - 1]! > 4 * usual;
    return [...(hole ? [{ time: at - usual, value: Number.NaN }] : []), { time: at, value: mean[i]! }];
  });
}

/** At the middle of the step that each is for. */
function pointsOf({ issuedAt, step, horizons, quantiles, values }: Forecast): NonNullable<Curve['forecast']> {
  const median = quantiles.indexOf(0.5);
  return horizons.map((horizon, i) => ({
    time: issuedAt + (horizon - 0.5) * step,
    median: values[i]![median]!,
    ...(quantiles.length > 1 && { low: values[i]![0]!, high: values[i]!.at(-1)! }),
  }));
}

const iso = (time: number) => `${new Date(time).toISOString().slice(0, 16)}Z`;
