import type { Window } from '../../stream/window.ts';
import { type Artifact, ArtifactRefused, type Manifest } from '../artifact.ts';
import type { Forecast, NoForecast } from '../forecast.ts';
import type { OpenNetwork, OpenOptions, Predictor } from '../predictor.ts';
import { asLineUp, type LineUpBody } from './line-up.ts';

type Answer = Forecast | NoForecast;

/**
 * All members forecast each window; where the line-up says who serves, the forecast is put together of theirs, horizon
 * by horizon, and elsewhere the default's goes out with those beside it, for choose-member.ts.
 *
 * @throws {ArtifactRefused} where a member is not there or refused; those opened before it are closed.
 */
export function lineUpPredictor(artifact: Artifact, options: OpenOptions, open: OpenNetwork): Predictor {
  const { manifest } = asLineUp(artifact);
  const names = options.variables ?? manifest.variables.map(({ name }) => name);
  const members = openAll(manifest, { ...options, variables: names }, open);
  return {
    id: manifest.id,
    backend: [...new Set(members.map(({ backend }) => backend))].join(', '),
    together: members.some(({ together }) => together),
    predict: (windows) => {
      const answers = members.map((member) => member.predict(windows));
      return windows.flatMap((window, w) =>
        names.map((name, n) => {
          const given = answers.map((own) => own[w * names.length + n]!);
          return answer(manifest, window, name, given);
        }),
      );
    },
    dispose: () => {
      for (const member of members) member.dispose();
    },
  };
}

function openAll(manifest: Manifest<LineUpBody>, options: OpenOptions, open: OpenNetwork): Predictor[] {
  const opened: Predictor[] = [];
  try {
    for (const { id } of manifest.body.members) opened.push(open(memberOf(manifest, id, options), options));
    return opened;
  } catch (error) {
    for (const member of opened) member.dispose();
    throw error;
  }
}

function memberOf({ id, step, horizons }: Manifest, wanted: string, { members }: OpenOptions): Artifact {
  const member = members?.get(wanted);
  if (!member) throw new ArtifactRefused(`model ${id}: its member ${wanted} is not there`);
  const { manifest } = member;
  if (manifest.step === step && manifest.horizons.join() === horizons.join()) return member;
  throw new ArtifactRefused(`model ${id}: its member ${wanted} has another step or other horizons`);
}

/** @param given one for each member. */
function answer(
  { id, body }: Manifest<LineUpBody>,
  window: Window,
  name: string,
  given: readonly Answer[],
): Answer {
  const serving = body.serves[window.station]?.[name];
  const fallback = body.otherwise.map((place) => given[place]!).filter(isForecast);
  if (!serving) {
    const [first, ...rest] = fallback;
    if (!first) return given[body.otherwise[0]!]!;
    const all = [first, ...rest].map(made);
    return { ...first, model: id, network: 'line-up', makers: all[0]!.makers, beside: rest.map(made) };
  }
  const own = serving.map((place) => [given[place]!].filter(isForecast)[0] ?? fallback[0]);
  return own.every((one) => one !== undefined) ? composed(id, own) : given[serving[0]!]!;
}

const isForecast = (one: Answer): one is Forecast => one.kind === 'forecast';

const made = (forecast: Forecast): Forecast => ({
  ...forecast,
  makers: forecast.horizons.map(() => ({ model: forecast.model, network: forecast.network })),
});

/** The forecast whose horizon h is that of `parts[h]`, at the levels that all of them have. */
export function composed(model: string, parts: readonly Forecast[]): Forecast {
  const [first] = parts as [Forecast, ...Forecast[]];
  const quantiles = first.quantiles.filter((level) => parts.every((part) => part.quantiles.includes(level)));
  return {
    ...first,
    model,
    network: 'line-up',
    makers: parts.map((part, h) => part.makers?.[h] ?? { model: part.model, network: part.network }),
    quantiles,
    values: parts.map((part, h) => quantiles.map((level) => part.values[h]![part.quantiles.indexOf(level)]!)),
  };
}
