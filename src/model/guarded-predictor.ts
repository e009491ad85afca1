import type { Window } from '../stream/window.ts';
import type { Manifest, ModelVariable } from './artifact.ts';
import type { Forecast, NoForecast } from './forecast.ts';
import type { Predictor } from './predictor.ts';

/** How far beyond the range of the training part, in widths of it, an input may lie. */
const reach = 1;

/** The predictor of any artifact, with what holds for all: no forecast from what lies far outside the training range. */
export function guarded(predictor: Predictor, { id, sensors, variables }: Manifest): Predictor {
  const byName = new Map(variables.map((variable) => [variable.name, variable]));
  return {
    id: predictor.id,
    backend: predictor.backend,
    ...(sensors && { sensors }),
    together: predictor.together,
    predict: (windows) => {
      const answers = predictor.predict(windows);
      const each = answers.length / windows.length;
      return answers.map((answer, i) =>
        checked(answer, windows[Math.floor(i / each)]!, byName.get(answer.variable), id),
      );
    },
    dispose: () => predictor.dispose(),
  };
}

function checked(
  answer: Forecast | NoForecast,
  window: Window,
  about: ModelVariable | undefined,
  model: string,
): Forecast | NoForecast {
  if (answer.kind !== 'forecast' || !about?.range) return answer;
  const { minimum, maximum } = about.range;
  const slack = reach * (maximum - minimum);
  const far = farthest(window, about.name, minimum - slack, maximum + slack);
  if (far === undefined) return answer;
  const { station, variable, issuedAt, revision } = answer;
  const detail = `${far} is far outside ${minimum} to ${maximum}, which model ${model} was trained on`;
  return { kind: 'no-forecast', station, variable, issuedAt, revision, reason: 'out-of-range', detail };
}

/** The newest measured value of a variable outside the bounds. */
function farthest(window: Window, variable: string, low: number, high: number): number | undefined {
  const { values, mask, variables } = window;
  for (
    let cell = values.length - variables.length + variables.indexOf(variable);
    cell >= 0;
    cell -= variables.length
  )
    if (mask[cell] && (values[cell]! < low || values[cell]! > high)) return values[cell];
  return undefined;
}
