import { ownRuleIds, ruleFaults } from '../alerts/rule.ts';
import { matcher, patternProblem } from '../ingest/topic.ts';
import { isUnit } from '../ingest/unit.ts';
import { formatDuration } from './duration.ts';
import { checkNotify } from './notify-consistency.ts';
import type { WrittenRule } from './rules.ts';
import type { Config } from './schema.ts';
import { derivedVariables } from './variables.ts';

/** A problem that no single key shows, at the path of the key to change. */
export interface Inconsistency {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

type Report = (path: (string | number)[], message: string) => void;

/** Names that refer to each other, and settings that contradict each other. */
export function inconsistencies(config: Config): Inconsistency[] {
  const found: Inconsistency[] = [];
  const report: Report = (path, message) => found.push({ path, message });
  checkNames(config, report);
  checkRules(config, report);
  checkAreas(config, report);
  checkNotify(config, report);
  checkStream(config, report);
  checkWatch(config, report);
  checkTopics(config, report);
  checkUnits(config, report);
  checkDerived(config, report);
  checkDelivery(config, report);
  return found;
}

/** Versions of the model over MQTT: from a trainer, to edges. */
function checkDelivery({ broker, model, retrain }: Config, report: Report): void {
  for (const [room, given] of Object.entries({ model: model.mqtt, retrain: retrain.mqtt })) {
    if (!given) continue;
    if (!/^[^/+#][^+#]*$/.test(given.topic))
      report([room, 'mqtt', 'topic'], 'must be a topic without the wildcards + and #');
    if ('embedded' in broker)
      report([room, 'mqtt'], 'needs broker/url: the broker inside redtide keeps no model; share the folder');
  }
  if (retrain.mqtt && retrain.mqtt.chunk < 256)
    report(['retrain', 'mqtt', 'chunk'], 'must be at least 256 bytes');
}

/** What is derived is a variable like any other. */
function checkDerived({ stream, variables }: Config, report: Report): void {
  stream.derive.forEach((name, i) => {
    if (variables[name]?.unit === '%') return;
    report(['stream', 'derive', i], `needs ${name} in the variables, with the unit "%"`);
  });
}

function checkTopics(config: Config, report: Report): void {
  config.topics.forEach(({ topic, payload, mapping }, i) => {
    const problem = patternProblem(topic);
    if (problem) report(['topics', i, 'topic'], problem);
    const named = topic.includes('{station}') || mapping?.station !== undefined;
    if (payload === 'native') return;
    if (payload === 'presence') {
      if (!topic.includes('{station}')) report(['topics', i, 'topic'], 'has no {station}: nobody is named');
      return;
    }
    if (!mapping) report(['topics', i, 'mapping'], `is missing; payload: ${payload} needs a mapping`);
    if (payload === 'csv' && mapping && !mapping.columns)
      report(
        ['topics', i, 'mapping', 'columns'],
        'is missing; rows have no header, so name the columns in order',
      );
    if (!named && mapping?.constantStation === undefined)
      report(['topics', i, 'topic'], 'has no {station}, and no mapping/station says where it is');
  });
}

/** Units that payloads are read in must be the variable's own, or convert to it. */
function checkUnits(config: Config, report: Report): void {
  const mustConvert = (variable: string, unit: string | undefined, path: (string | number)[]) => {
    if (unit === undefined || isUnit(unit) || unit === config.variables[variable]?.unit) return;
    report(path, 'is no unit that can be converted; docs/payload.md lists them');
  };
  config.stations.forEach(({ sensors }, i) =>
    sensors.forEach(({ variable, unit, relation }, j) => {
      if (relation && !isUnit(relation.from))
        report(['stations', i, 'sensors', j, 'relation', 'from'], 'is no unit; docs/payload.md lists them');
      mustConvert(variable, unit, ['stations', i, 'sensors', j, 'unit']);
    }),
  );
  config.topics.forEach(({ mapping }, i) => {
    for (const [variable, value] of Object.entries(mapping?.values ?? {}))
      if (typeof value === 'object')
        mustConvert(variable, value.unit, ['topics', i, 'mapping', 'values', variable, 'unit']);
  });
}

function checkNames(config: Config, report: Report): void {
  const known = Object.keys(config.variables);
  const mustKnow = (variable: string, path: (string | number)[]) => {
    if (!known.includes(variable)) report(path, `is not in variables (${known.join(', ')})`);
  };
  const seen = new Map<string, number>();
  config.stations.forEach((station, i) => {
    const before = seen.get(station.id);
    if (before !== undefined) report(['stations', i, 'id'], `is the id of stations/${before} too`);
    seen.set(station.id, i);
    station.sensors.forEach((sensor, j) =>
      mustKnow(sensor.variable, ['stations', i, 'sensors', j, 'variable']),
    );
  });
  config.model.variables?.forEach((variable, i) => mustKnow(variable, ['model', 'variables', i]));
  config.retrain.cellCounts.forEach(({ variable, of }, i) => {
    mustKnow(variable, ['retrain', 'cellCounts', i, 'variable']);
    mustKnow(of, ['retrain', 'cellCounts', i, 'of']);
    if (variable === of || config.model.variables?.includes(variable))
      report(['retrain', 'cellCounts', i, 'variable'], 'is forecast: what judges forecasts is not');
  });
  config.topics.forEach((topic, i) => {
    for (const variable of Object.keys(topic.mapping?.values ?? {}))
      mustKnow(variable, ['topics', i, 'mapping', 'values', variable]);
  });
}

function checkRules(config: Config, report: Report): void {
  const seen = new Map<string, number>();
  config.rules.forEach((rule, i) => {
    const before = seen.get(rule.id);
    if (before !== undefined) report(['rules', i, 'id'], `is the id of rules/${before} too`);
    if (Object.values<string>(ownRuleIds).includes(rule.id))
      report(['rules', i, 'id'], 'is there already: see watch.notice, and take another id');
    seen.set(rule.id, i);
    for (const fault of faultsOfRule(rule, config)) report(['rules', i, 'id'], fault);
  });
}

/** What is wrong with one rule, whatever the others are. */
export function faultsOfRule(rule: WrittenRule, known: Pick<Config, 'variables'>): string[] {
  return [
    ...ruleFaults([rule]).map((fault) => fault.replace(`rule ${rule.id}: `, '')),
    ...unitFaults(rule, known),
  ];
}

function unitFaults({ units }: WrittenRule, { variables }: Pick<Config, 'variables'>): string[] {
  const known: Record<string, { readonly unit: string }> = { ...derivedVariables, ...variables };
  return units.flatMap(({ variable, unit }) => {
    const own = known[variable]?.unit;
    if (own === undefined) return [`${variable} is not in variables (${Object.keys(known).join(', ')})`];
    if (unit === undefined || unit === own) return [];
    return [`levels of ${variable} are in ${own}, not in ${unit}`];
  });
}

function checkAreas(config: Config, report: Report): void {
  const areaOf = new Map<string, string>();
  const stations = new Set(config.stations.map(({ id }) => id));
  config.areas.forEach(({ id, stations: members, polygon }, i) => {
    if (config.areas.findIndex((other) => other.id === id) < i || stations.has(id))
      report(['areas', i, 'id'], 'is the id of another area or of a station too');
    members.forEach((station, j) => {
      const before = areaOf.get(station);
      if (before !== undefined) report(['areas', i, 'stations', j], `is in area ${before} already`);
      areaOf.set(station, id);
    });
    if (polygon && polygon[0]!.join() !== polygon.at(-1)!.join())
      report(['areas', i, 'polygon'], 'must end with the point that it begins with');
  });
}

function checkWatch({ watch: { late, silent }, backfill, topics }: Config, report: Report): void {
  if (backfill && (!backfill.topic.includes('{station}') || /[+#]/.test(backfill.topic)))
    report(['backfill', 'topic'], 'must have {station} and no wildcard: it is published to');
  else if (backfill) checkRequests(backfill.topic, topics, report);
  if (silent <= late) report(['watch', 'silent'], `must be more than late ${late}`);
}

/** A request that came back to us would be a message that nobody can decode. */
function checkRequests(topic: string, topics: Config['topics'], report: Report): void {
  const own = topics.find((one) => !patternProblem(one.topic) && matcher(one.topic)(topic));
  if (own) report(['backfill', 'topic'], `is covered by the topic ${own.topic}, which is read from`);
}

function checkStream(config: Config, report: Report): void {
  const { step, lateness, revisable } = config.stream;
  if (86_400_000 % step !== 0 && step % 86_400_000 !== 0)
    report(['stream', 'step'], 'must divide a day evenly, or be whole days');
  if (revisable < lateness)
    report(['stream', 'revisable'], `must not be shorter than lateness ${formatDuration(lateness)}`);
}
