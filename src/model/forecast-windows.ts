import { Observable, type OperatorFunction } from 'rxjs';
import type { Window } from '../stream/window.ts';
import type { Forecast, NoForecast } from './forecast.ts';
import type { Predictor } from './predictor.ts';

export interface ForecastOptions {
  /** The model in service; asked anew for each batch. */
  readonly predictor: () => Predictor | undefined;
  /** What is answered for where there is no model. */
  readonly variables: readonly string[];
  /** Emits when all windows that one record made ready have come. */
  readonly ready: Observable<unknown>;
  /** Which sensor stands for a variable of a station now, with its calibration. */
  readonly deployment?: ((station: string, variable: string, time: number) => string | undefined) | undefined;
  /** Without it a network over space hears no neighbour whose window is not ready with the same record. */
  readonly company?: Company | undefined;
}

/** The windows of other stations, for a network over space. */
export interface Company {
  /** As they stand at the ends of these windows, which it remembers. */
  beside(windows: readonly Window[]): readonly Window[];
}

/**
 * Asks the model in service about all windows that are ready, in one call: a batch costs a fraction of its windows one
 * by one, and gives the same bits. Emits each window, then what came of it. Without a model the answer is a NoForecast
 * for every variable, since silence is no answer.
 */
export function forecastWindows(
  options: ForecastOptions,
): OperatorFunction<Window, Window | Forecast | NoForecast> {
  return (source) =>
    new Observable((subscriber) => {
      let windows: Window[] = [];
      const answerAll = () => {
        if (windows.length === 0) return;
        const ready = windows;
        windows = [];
        try {
          for (const item of answer(ready, options)) subscriber.next(item);
        } catch (reason) {
          subscriber.error(reason);
        }
      };
      const error = (reason: unknown) => subscriber.error(reason);
      const complete = () => {
        answerAll();
        subscriber.complete();
      };
      subscriber.add(source.subscribe({ next: (window) => windows.push(window), error, complete }));
      subscriber.add(options.ready.subscribe({ next: answerAll, error, complete }));
    });
}

function answer(windows: readonly Window[], options: ForecastOptions): (Window | Forecast | NoForecast)[] {
  const { predictor: inService, variables, deployment, company } = options;
  const predictor = inService();
  if (!predictor) return windows.flatMap((window) => [window, ...withoutModel(window, variables)]);
  const known = (own: Forecast | NoForecast) => ofSameSensor(own, predictor, deployment);
  const all = predictor.together && company ? [...windows, ...company.beside(windows)] : windows;
  const answers = predictor.predict(all).map(known);
  const each = answers.length / all.length;
  return windows.flatMap((window, i) => [window, ...answers.slice(i * each, (i + 1) * each)]);
}

/** A sensor that was exchanged or calibrated measures something else than the model has learned from. */
function ofSameSensor(
  answer: Forecast | NoForecast,
  { id, sensors }: Predictor,
  deployment: ForecastOptions['deployment'],
): Forecast | NoForecast {
  const { station, variable, issuedAt, revision } = answer;
  const [trained, now] = [sensors?.[station]?.[variable], deployment?.(station, variable, issuedAt)];
  if (trained === undefined || now === undefined || trained === now || answer.kind !== 'forecast')
    return answer;
  const detail = `${station} measures ${variable} with ${now}, model ${id} was trained on ${trained}; train one on ${now}`;
  return { kind: 'no-forecast', station, variable, issuedAt, revision, reason: 'sensor', detail };
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
