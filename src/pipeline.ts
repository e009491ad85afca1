import { connect, EMPTY, filter, identity, merge, type Observable, Subject, share } from 'rxjs';

import type { AlertTransition } from './alerts/alert.ts';
import { type EvaluateOptions, evaluateRules, isOld } from './alerts/evaluate.ts';
import type { OrderAnswer } from './alerts/orders.ts';
import { type Command, commandOf } from './ingest/command.ts';
import type { Decode, Decoded } from './ingest/decode.ts';
import type { JournalRecord } from './ingest/journal-record.ts';
import type { Reading, Rejection, Tick } from './ingest/reading.ts';
import type { Forecast, NoForecast } from './model/forecast.ts';
import { forecastWindows } from './model/forecast-windows.ts';
import { chooseMember } from './model/online/choose-member.ts';
import { companyOf } from './model/online/company.ts';
import type { Verification } from './model/online/verification.ts';
import { verifyForecasts } from './model/online/verify-forecasts.ts';
import type { Predictor } from './model/predictor.ts';
import { type BackfillOptions, type BackfillRequest, backfill } from './stream/backfill.ts';
import type { Limits } from './stream/checks.ts';
import type { StationState } from './stream/condition.ts';
import { dedupe } from './stream/dedupe.ts';
import { type DeriveOxygenOptions, deriveOxygen } from './stream/derive-oxygen.ts';
import { forwardTicks } from './stream/forward-ticks.ts';
import { type CounterRestart, type Gap, gaps } from './stream/gaps.ts';
import type { Keep } from './stream/kept.ts';
import { type LimitArrivalsOptions, limitArrivals } from './stream/limit-arrivals.ts';
import { operator } from './stream/operator.ts';
import { qualify } from './stream/qualify.ts';
import { screenClock } from './stream/screen-clock.ts';
import type { StepBatch } from './stream/step.ts';
import { toSteps } from './stream/to-steps.ts';
import { toWindows } from './stream/to-windows.ts';
import { type WatchdogOptions, watchdog } from './stream/watchdog.ts';
import { watermark } from './stream/watermark.ts';
import type { Window } from './stream/window.ts';

/** What the pipeline needs to know; times in ms. */
export interface PipelineSettings {
  readonly decode: Decode;
  readonly clock: { readonly ahead: number; readonly behind: number };
  /** What senders can make us remember and do; no bounds where absent. */
  readonly arrivals?: Omit<LimitArrivalsOptions, 'keep'> | undefined;
  /** Length of a step, and how many make a window. */
  readonly step: number;
  readonly lookback: number;
  readonly lateness: number;
  readonly revisable: number;
  readonly idle: number;
  /** How often a station measures. */
  readonly cadence: (station: string) => number;
  /** Who is waited for, and how long. */
  readonly watch: Omit<WatchdogOptions, 'cadence' | 'keep'>;
  /** How gateways are asked for what never arrived; undefined: they are not. */
  readonly backfill?: Omit<BackfillOptions, 'keep'> | undefined;
  /** Columns of the windows, in order. */
  readonly variables: readonly string[];
  /** The sensor whose steps stand for a variable in the windows; undefined takes the first one seen. */
  readonly primarySensor: (station: string, variable: string) => string | undefined;
  /** Which sensor that is, with its calibration; a model that was trained on another one says nothing. */
  readonly deployment?: (station: string, variable: string, time: number) => string | undefined;
  /** Since when the values of a variable can be compared with those of `time` (to-windows.ts). */
  readonly epochOf?: ((station: string, variable: string, time: number) => number) | undefined;
  /** Salinity of stations that do not measure it; where given, oxygen saturation is derived. */
  readonly deriveOxygen?: DeriveOxygenOptions | undefined;
  readonly limits: Readonly<Record<string, Limits>>;
  readonly alerts: Omit<EvaluateOptions, 'keep'>;
  /** The model in service; asked anew for each window. */
  readonly predictor: () => Predictor | undefined;
  /** Where the state of every stage lives, so that a checkpoint can write it. */
  readonly keep: Keep;
  readonly onDuplicate: (reading: Reading) => void;
}

/** All that can come of a journal record. */
export type Outcome =
  | Reading
  | Rejection
  | StationState
  | Gap
  | CounterRestart
  | BackfillRequest
  | StepBatch
  | Window
  | Forecast
  | NoForecast
  | Verification
  | AlertTransition
  | OrderAnswer;

const is =
  <K extends Outcome['kind'] | Decoded['kind'] | Tick['kind'] | Command['kind']>(first: K, ...others: K[]) =>
  <T extends { readonly kind: string }>(item: T): item is Extract<T, { readonly kind: K }> =>
    item.kind === first || (others as string[]).includes(item.kind);

/**
 * The order of everything. Synchronous: what comes of a record is emitted before the next one goes in, and depends
 * on the records alone.
 */
export function pipeline(
  records: Observable<JournalRecord>,
  settings: PipelineSettings,
): Observable<Outcome> {
  return records.pipe(connect((shared) => outcomesOf(shared, settings)));
}

function outcomesOf(records: Observable<JournalRecord>, settings: PipelineSettings): Observable<Outcome> {
  const { keep, step, lookback, lateness, revisable, idle, variables } = settings;
  const grid = { step, horizon: revisable, keep };

  const decoded = records.pipe(
    decodeRecords(settings.decode),
    settings.arrivals ? limitArrivals({ ...settings.arrivals, keep }) : identity,
    forwardTicks({ keep }),
    share(),
  );
  const commands = decoded.pipe(filter(is('command')));
  const arrivals = decoded.pipe(
    filter(is('reading', 'rejection', 'tick')),
    screenClock(settings.clock),
    share(),
  );
  const rejections = arrivals.pipe(filter(is('rejection')));
  const readings = arrivals.pipe(
    filter(is('reading', 'tick')),
    dedupe({ ...grid, onDuplicate: settings.onDuplicate }),
    qualify({ ...grid, limits: settings.limits }),
    share(),
  );
  const ticks = readings.pipe(filter(is('tick')), share());
  const conditions = merge(readings, decoded.pipe(filter(is('contact')))).pipe(
    watchdog({ ...settings.watch, cadence: settings.cadence, keep }),
    share(),
  );
  const missing = decoded.pipe(filter(is('numbered')), gaps({ keep }), share());
  const requests = settings.backfill
    ? merge(missing.pipe(filter(is('gap'))), conditions, ticks).pipe(backfill({ ...settings.backfill, keep }))
    : EMPTY;
  const steps = readings.pipe(
    watermark({ lateness, idle, step, keep }),
    toSteps({ ...grid, lookback, cadence: settings.cadence }),
    settings.deriveOxygen ? deriveOxygen(settings.deriveOxygen) : identity,
    share(),
  );
  const forecasts = steps.pipe(
    toWindows({
      step,
      lookback,
      variables,
      primarySensor: settings.primarySensor,
      epochOf: settings.epochOf,
      keep,
    }),
    // Subscribed to after the stages before it, `records` comes here when they are through with the record.
    forecastWindows({
      predictor: settings.predictor,
      variables,
      ready: records,
      deployment: settings.deployment,
      company: companyOf({ step, keep }),
    }),
    chooseMember({ step, revisable, keep }),
    verifyForecasts({ step, revisable, limits: settings.limits, keep }),
    share(),
  );
  // One shared stream, so that rules see a batch of steps before the forecasts made from it.
  const evidence = merge(
    readings.pipe(filter((item) => item.kind === 'tick' || isOld(item))),
    conditions,
    commands,
    steps,
    forecasts.pipe(filter(is('forecast', 'no-forecast'))),
  ).pipe(share());
  const alerts = evidence.pipe(evaluateRules({ ...settings.alerts, keep }));
  return merge(
    rejections,
    conditions,
    missing,
    requests,
    readings.pipe(filter(is('reading'))),
    evidence.pipe(filter(is('steps', 'forecast', 'no-forecast'))),
    forecasts.pipe(filter(is('window', 'verification'))),
    alerts,
  );
}

/** The pipeline as a function: a record in, what comes of it out. */
export function runPipeline(settings: PipelineSettings): (record: JournalRecord) => readonly Outcome[] {
  const records = new Subject<JournalRecord>();
  let outcomes: Outcome[] = [];
  let failure: unknown;
  pipeline(records, settings).subscribe({
    next: (outcome) => outcomes.push(outcome),
    error: (error: unknown) => {
      failure = error;
    },
  });
  return (record) => {
    outcomes = [];
    records.next(record);
    if (failure) throw failure;
    return outcomes;
  };
}

/** Messages become what they say, ticks and commands pass, and the other records are no business of the stream. */
const decodeRecords = (decode: Decode) =>
  operator<JournalRecord, Decoded | Tick | Command>((emit) => (record) => {
    if (record.kind === 'message') decode(record).forEach(emit);
    else if (record.kind === 'command') emit(commandOf(record));
    else if (record.kind === 'tick') emit({ kind: 'tick', time: record.time });
  });
