/**
 * What may be known of a running edge at one moment: the page, the probes, the metrics and the progress on the
 * terminal are all functions of it, so that they never tell different stories. Times are ms since the epoch by the
 * clock of the data (`now`), which in a demonstration or a replay is not the wall clock.
 */
export interface Status {
  readonly version: string;
  readonly now: number;
  readonly source: {
    readonly state: 'starting' | 'connected' | 'disconnected' | 'ended' | 'stopped';
    /** For people: `mqtt://127.0.0.1:1883, embedded`. Without passwords. */
    readonly address: string;
    /** Messages that the broker says it dropped, and when the last became known; absent where it is not asked. */
    readonly dropped?: { readonly dropped: number; readonly last: number | undefined } | undefined;
  };
  readonly store: StoreStatus;
  /** The host's clock, where the edge goes by it. */
  readonly clock?: ClockStatus | undefined;
  /** Absent while no model is loaded. */
  readonly model?: ModelStatus | undefined;
  /** The last version that should have gone into service and did not, until another one does. */
  readonly modelRefused?: { readonly id: string; readonly reason: string; readonly time: number } | undefined;
  /** How versions come over MQTT; absent where they do not. */
  readonly delivery?: DeliveryStatus | undefined;
  readonly journal: JournalStatus;
  /** Names and units of the variables, in the order in which they are shown. */
  readonly variables: readonly VariableStatus[];
  readonly stations: readonly StationStatus[];
  /** Alerts that are not over. */
  readonly alerts: readonly AlertStatus[];
  /** What nobody is told of for now. */
  readonly silences?: readonly SilenceStatus[] | undefined;
  /** How people are told; absent where nobody is. */
  readonly channels?: readonly ChannelStatus[] | undefined;
  /** End of the newest step that was closed at any station: how far the watermarks are. */
  readonly closedUntil?: number | undefined;
  /** Counts since the journal began, or since the start where the checkpoint does not hold them. */
  readonly produced: {
    readonly messages: number;
    readonly steps: number;
    readonly windows: number;
    readonly forecasts: number;
    readonly noForecasts: number;
    /** Horizons of forecasts that were compared with what was measured. */
    readonly verifications?: number | undefined;
    readonly alerts: number;
  };
  /** Values of messages that name no known station. */
  readonly unknown?: Counts | undefined;
}

/** The ledger: received = stored + quarantined + duplicate + lateOnly + shed + pending, in values. */
export interface Counts {
  readonly received: number;
  readonly stored: number;
  readonly quarantined: number;
  readonly duplicate: number;
  readonly lateOnly: number;
  readonly shed: number;
}

/** Of any rule, and of any area or station, where absent. What a station in maintenance measures is no evidence. */
export interface SilenceStatus {
  readonly id: string;
  readonly of: 'silence' | 'maintenance';
  readonly rule?: string | undefined;
  readonly place?: string | undefined;
  readonly until: number;
  readonly author: string;
  readonly note: string;
}

/** In messages. `dead`: given up, to be looked at and sent again. `unanswered`: no receipt has come yet. */
export interface ChannelStatus {
  readonly name: string;
  readonly waiting: number;
  readonly dead: number;
  readonly unanswered: number;
}

export interface ClockStatus {
  /** `held`: it is not believed, and messages wait in the journal. `disregarding`: it jumped, and our time did not. */
  readonly state: 'trusted' | 'held' | 'disregarding';
  /** Since the start. */
  readonly jumps: number;
  /** From our time to the host's, ms. */
  readonly ahead: number;
  readonly reason: string;
}

export interface ModelStatus {
  readonly id: string;
  readonly backend: string;
  readonly network?: string | undefined;
  /** Which network forecasts what, and why the version serves; for people. */
  readonly about?: readonly string[] | undefined;
  /** On the hold-out of the contest that promoted it, over what it was judged beside. */
  readonly skill?: Readonly<Record<string, number>> | undefined;
}

export interface DeliveryStatus {
  /** `waiting`: for the next version. `away`: the broker can't be reached. */
  readonly state: 'away' | 'waiting' | 'fetching';
  /** The version that is being fetched, and how far that is, in pieces. */
  readonly id?: string | undefined;
  readonly received?: number | undefined;
  readonly of?: number | undefined;
  /** What became of the last one that was described there. */
  readonly last?:
    | {
        readonly id: string | undefined;
        readonly outcome: 'taken' | 'refused';
        readonly reason?: string | undefined;
        readonly time: number;
      }
    | undefined;
  readonly problem?: string | undefined;
}

export interface StoreStatus {
  readonly name: string;
  /** `spilling`: the store is away and points are kept on disk. `stuck`: neither. */
  readonly state: 'answering' | 'spilling' | 'stuck';
  /** Points not yet stored. */
  readonly waiting: number;
  readonly detail?: string | undefined;
}

export interface JournalStatus {
  /** Sequence number of the newest record. */
  readonly head: number;
  /** Sequence number of the last record that went through the pipeline. */
  readonly position: number;
  /** Real ms for which records have waited and none has gone through; 0 while they do. */
  readonly stalled: number;
  /** ms from the receipt of the newest message until all was known that follows from it; absent before the first. */
  readonly latency?: number | undefined;
  /** Why messages are not taken in, and wait at the broker. */
  readonly held?: string | undefined;
}

export interface VariableStatus {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
}

export interface StationStatus {
  readonly id: string;
  readonly name?: string | undefined;
  /** Degrees north and east. */
  readonly latitude?: number | undefined;
  readonly longitude?: number | undefined;
  /** ms between its readings. */
  readonly cadence: number;
  /** The last reading of each variable. */
  readonly readings: Readonly<
    Record<string, { readonly value: number; readonly time: number; readonly flag: number }>
  >;
  /** Observation time of its newest reading. */
  readonly newest?: number | undefined;
  readonly watermark?: number | undefined;
  /** How it stands by what was heard of it, and since when. */
  readonly condition?:
    | { readonly state: 'heard' | 'late' | 'silent' | 'connected-but-silent'; readonly since: number }
    | undefined;
  /** Messages that its gateway numbered: how many never arrived so far, came late, and are given up. */
  readonly gaps?:
    | { readonly missing: number; readonly recovered: number; readonly givenUp: number }
    | undefined;
  readonly forecasts: readonly ForecastStatus[];
  /** How its forecasts have done lately, one for each variable and horizon. */
  readonly verified?: readonly VerifiedStatus[] | undefined;
  readonly counts: Counts;
}

export interface ForecastStatus {
  readonly variable: string;
  readonly issuedAt: number;
  readonly model: string;
  /** Which kind of model that is. */
  readonly network?: string | undefined;
  /** Over all horizons, up to the time of issue. */
  readonly record?: Pick<VerifiedStatus, 'verified' | 'skill' | 'coverage'> | undefined;
  /** ms of a step; horizon h ends h steps after `issuedAt`. */
  readonly step: number;
  readonly horizons: readonly number[];
  /** One for each horizon, in the variable's unit. */
  readonly medians: readonly number[];
  /** Ends of the interval, where the forecast has one: its lowest and highest quantile. */
  readonly low?: readonly number[] | undefined;
  readonly high?: readonly number[] | undefined;
}

/**
 * What is told of a forecast in one number: the median at the farthest horizon within a day, or at the first, with how
 * far ahead that is, ms. Beyond a day the median says little more than the season.
 */
export function foremost({
  step,
  horizons,
  medians,
}: Pick<ForecastStatus, 'step' | 'horizons' | 'medians'>): {
  readonly horizon: number;
  readonly median: number;
  readonly ahead: number;
} {
  const at = Math.max(
    0,
    horizons.findLastIndex((horizon) => horizon * step <= 86_400_000),
  );
  return { horizon: horizons[at]!, median: medians[at]!, ahead: horizons[at]! * step };
}

/** Rising. */
export const severities = ['info', 'minor', 'moderate', 'severe', 'extreme'] as const;

/** Rolling, of one variable and horizon: what it is up to and with the forecast that was compared last. */
export interface VerifiedStatus {
  readonly variable: string;
  readonly horizon: number;
  /** Start of the step that was measured. */
  readonly time: number;
  readonly verified: number;
  /** 1 - RMSE / RMSE of persistence. */
  readonly skill?: number | undefined;
  /** 1 - RMSE / RMSE of the mean of that hour over the last 30 days. */
  readonly skillOverClimatology?: number | undefined;
  /** Share of the measured values within the 80 % interval. */
  readonly coverage?: number | undefined;
  /** In the variable's unit. */
  readonly bias: number;
  /** 1 and more: the errors have grown for good. */
  readonly drift: number;
}

export interface AlertStatus {
  readonly id: string;
  readonly rule: string;
  readonly area: string;
  readonly station: string;
  readonly state: 'pending' | 'firing' | 'acknowledged' | 'stale';
  readonly severity: (typeof severities)[number];
  readonly onset: number;
  /** What people read: the text of the rule. */
  readonly text: string;
  readonly reason: string;
}

export type Presence = 'reporting' | 'late' | 'silent' | 'connected, but silent' | 'never seen';

const presenceOf = {
  late: 'late',
  silent: 'silent',
  'connected-but-silent': 'connected, but silent',
} as const;

/**
 * By the watchdog, and by the age of its newest reading: what that says of the water is no longer true after six
 * cadences, also where a gateway goes on sending old ones.
 */
export function presence({ newest, cadence, condition }: StationStatus, now: number): Presence {
  if (condition && condition.state !== 'heard') return presenceOf[condition.state];
  if (newest === undefined) return 'never seen';
  const missed = (now - newest) / cadence;
  return missed <= 2 ? 'reporting' : missed <= 6 ? 'late' : 'silent';
}

/** The sum over all stations and the unknown ones. */
export function totals({ stations, unknown }: Status): Counts {
  const all = [...stations.map(({ counts }) => counts), ...(unknown ? [unknown] : [])];
  const sum = (column: keyof Counts) => all.reduce((total, counts) => total + counts[column], 0);
  return {
    received: sum('received'),
    stored: sum('stored'),
    quarantined: sum('quarantined'),
    duplicate: sum('duplicate'),
    lateOnly: sum('lateOnly'),
    shed: sum('shed'),
  };
}

/** Values received that have met no fate yet. */
export function pendingValues({ received, stored, quarantined, duplicate, lateOnly, shed }: Counts): number {
  return received - stored - quarantined - duplicate - lateOnly - shed;
}

/** `20 s`, `12 min`, `3.5 h`, `2 d`: as exact as a person needs it. */
export function age(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 129_600) return `${Math.round(seconds / 360) / 10} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

export function headlineCounts({ stations, alerts, now }: Status) {
  return {
    reporting: stations.filter((station) => presence(station, now) === 'reporting').length,
    firing: alerts.filter(({ state }) => state === 'firing').length,
    total: stations.length,
  };
}

/** The fleet and its alerts in one sentence that claims no more than is known. */
export function headline(status: Status): string {
  const { reporting, firing, total } = headlineCounts(status);
  const heard = `${reporting} of ${total} ${total === 1 ? 'station' : 'stations'} reporting`;
  if (firing > 0) return `${firing} ${firing === 1 ? 'alert' : 'alerts'} firing, ${heard}`;
  if (reporting === 0) return `Nothing is known of the water now: ${heard}`;
  return `No alert is firing, ${heard}`;
}
