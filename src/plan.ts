import type { Area } from './alerts/area.ts';
import type { Rule } from './alerts/rule.ts';
import { watchRules } from './alerts/watch-rules.ts';
import { epochsOf } from './calibration.ts';
import type { Config } from './config/schema.ts';
import { decoder } from './ingest/decode.ts';
import type { Format } from './ingest/format.ts';
import type { Journal } from './ingest/journal.ts';
import type { Clock } from './ingest/message.ts';
import { stationCatalog } from './ingest/stations.ts';
import type { PipelineSettings } from './pipeline.ts';
import { derivedVariable } from './stream/derive-oxygen.ts';
import type { Codec, Keep, Kept } from './stream/kept.ts';

/**
 * What the configuration says to the pipeline, as plain data without secrets. It takes effect as a record of the
 * journal, so that a replay changes its mind where the edge did.
 */
export interface Plan {
  readonly formats: readonly Format[];
  readonly stations: Config['stations'];
  readonly unknownStations: Config['unknownStations'];
  readonly limits: Config['limits'];
  readonly variables: Config['variables'];
  readonly stream: Config['stream'];
  readonly watch: Config['watch'];
  readonly backfill: Config['backfill'];
  /** Columns of the windows. */
  readonly columns: readonly string[];
  readonly areas: readonly Area[];
  readonly rules: readonly Rule[];
}

export function planOf(config: Config, formats: readonly Format[]): Plan {
  const { stations, unknownStations, limits, variables, stream, watch, backfill, areas, rules, model } =
    config;
  const columns = model.variables ?? Object.keys(variables);
  const inForce = watch.notice === 'none' ? rules : [...rules, ...watchRules(watch.notice)];
  return {
    ...{ formats, stations, unknownStations, limits, variables, stream, watch, backfill, columns, areas },
    rules: inForce,
  };
}

const defaultCadence = 600_000;

export function settingsOf(plan: Plan): Omit<PipelineSettings, 'predictor' | 'keep' | 'onDuplicate'> {
  const { formats, limits, stream, stations, variables, columns, areas, rules } = plan;
  const catalog = stationCatalog(stations, plan.unknownStations);
  const cadences = new Map(stations.map(({ id, cadence }) => [id, cadence]));
  return {
    ...stream,
    watch: watchOf(plan),
    backfill: plan.backfill,
    decode: decoder({ formats, stations: catalog, variables, limits }),
    arrivals: { ...limits, listed: (station) => catalog.has(station) },
    cadence: (station) => cadences.get(station) ?? defaultCadence,
    variables: columns,
    primarySensor: (station, variable) => catalog.sensorFor(station, variable),
    deployment: (station, variable, time) => catalog.deploymentOf(station, variable, time),
    epochOf: epochsOf(stations).epochOf,
    deriveOxygen: deriveOf(plan),
    limits: variables,
    alerts: { rules, areas, units: unitsOf(plan), ceilings: ceilingsOf(plan) },
  };
}

/** Plans of older journals say nothing of it. */
function deriveOf({ stations, stream }: Plan): PipelineSettings['deriveOxygen'] {
  if (!stream.derive?.includes(derivedVariable)) return undefined;
  const known = new Map(stations.map(({ id, salinity }) => [id, salinity]));
  return { salinity: (station) => known.get(station) };
}

/** Ticks that lie further apart than two steps, or an hour, say that the edge was away. */
function watchOf({ stations, stream, watch }: Plan): PipelineSettings['watch'] {
  const reports = new Map(stations.map(({ id, reports }) => [id, reports]));
  const spokenFor = new Map<string, string[]>();
  for (const { id, gateway = id } of stations)
    spokenFor.set(gateway, [...(spokenFor.get(gateway) ?? []), id]);
  return {
    ...watch,
    stations: stations.map(({ id }) => id),
    stationsOf: (name) => spokenFor.get(name) ?? [name],
    reports: (station) => reports.get(station),
    away: Math.max(2 * stream.step, 3_600_000),
  };
}

export const unitsOf = ({ variables }: Pick<Plan, 'variables'>): Record<string, string> =>
  Object.fromEntries(Object.entries(variables).map(([name, { unit }]) => [name, unit]));

/** Names of the variables, for people. */
export const titlesOf = ({ variables }: Pick<Plan, 'variables'>): Record<string, string> =>
  Object.fromEntries(Object.entries(variables).map(([name, { title = name }]) => [name, title]));

const ceilingsOf = ({ variables }: Plan) =>
  Object.fromEntries(Object.entries(variables).map(([name, { ceiling }]) => [name, ceiling]));

export interface PlanInForceParts {
  /** What the configuration of this start says. */
  readonly configured: Plan;
  readonly journal: Journal;
  readonly keep: Keep;
  /** Whether the journal goes on after the checkpoint: then it may hold another plan already. */
  readonly behind: boolean;
  readonly clock: Clock;
  /** Puts a plan into effect at once. */
  readonly apply: (plan: Plan) => void;
}

interface Written {
  text: string;
}

const codec: Codec<Written> = {
  encode: ({ text }) => Buffer.from(text),
  decode: (bytes) => ({ text: Buffer.from(bytes).toString() }),
};

/** The plan that holds. Others come in by records of the journal alone. */
export class PlanInForce {
  readonly #parts: PlanInForceParts;
  readonly #kept: Kept<Written>;
  #asked: string | undefined;

  constructor(parts: PlanInForceParts) {
    this.#parts = parts;
    this.#kept = parts.keep.map('plan', codec);
    this.#asked = parts.behind ? undefined : this.#kept.get('')?.text;
  }

  /** At a start: the plan of the checkpoint; in a new folder the configured one, until the journal says so. */
  restore(): void {
    this.#apply(this.#kept.get('')?.text ?? JSON.stringify(this.#parts.configured));
  }

  /** Has the journal say what is configured, where that is another plan than before. */
  async ask(plan: Plan = this.#parts.configured): Promise<void> {
    const { journal, clock } = this.#parts;
    const text = JSON.stringify(plan);
    if (text === this.#asked) return;
    this.#asked = text;
    await journal.append({ kind: 'configuration', time: clock(), text });
  }

  /** At a configuration record of the journal. */
  take(text: string): void {
    if (this.#kept.get('')?.text === text) return;
    this.#kept.change('', () => ({ text })).text = text;
    this.#apply(text);
  }

  /** What an older version did not write yet is as configured now. */
  #apply(text: string): void {
    this.#parts.apply({ ...this.#parts.configured, ...(JSON.parse(text) as Partial<Plan>) });
  }
}
