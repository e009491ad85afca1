import { concatMap, type OperatorFunction } from 'rxjs';
import type { Window } from '../stream/window.ts';
import type { Forecast, NoForecast } from './forecast.ts';
import type { Predictor } from './predictor.ts';

/**
 * Asks the model in service about each window. Without one the answer is a NoForecast for every variable, since
 * silence is no answer.
 */
export function forecastWindows(
  predictor: () => Predictor | undefined,
  variables: readonly string[],
): OperatorFunction<Window, Forecast | NoForecast> {
  return concatMap((window) => predictor()?.predict([window]) ?? withoutModel(window, variables));
}

function withoutModel({ station, end, revision }: Window, variables: readonly string[]): NoForecast[] {
  return variables.map((variable) => ({
    kind: 'no-forecast',
    station,
    variable,
    issuedAt: end,
    revision,
    reason: 'no-model',
    detail: 'no model is in service; train one, or copy an artifact into the model folder',
  }));
}
