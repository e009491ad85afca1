import { alertsOver, inOrder } from '../alerts/history.ts';
import { principalOf, type Rule } from '../alerts/rule.ts';
import { type Episode, episodesOf, score, warningsOf } from '../alerts/score.ts';
import { span } from '../alerts/wording.ts';
import { checkConfig, loadConfig, loadRules } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { Forecast } from '../model/forecast.ts';
import { planOf, settingsOf } from '../plan.ts';
import type { Store } from '../store/store.ts';
import type { Step } from '../stream/step.ts';
import {
  type Command,
  exit,
  flag,
  type Io,
  instant,
  number,
  text,
  UsageError,
  type Values,
} from './command.ts';
import { historyOf } from './shore.ts';

export const command: Command = {
  summary: 'checks a file of rules, or tries it on stored history',
  usage: 'check FILE [--config FILE] | try FILE --config FILE --from TIME --to TIME',
  about: `check: refuses what can't be used, with its line, and says what each rule does.
try: runs the rules of FILE over what the store of the configuration holds from one time to another, beside the
configuration's own, and prints for each rule its warnings, the episodes there were (its first level crossed in what was
observed), how many it caught and with what lead, and how many warnings were false. POD: caught over episodes; FAR: false
over warnings; CSI: caught over caught, missed and false. It changes nothing, and can run beside an edge.`,
  options: {
    config: { type: 'string', value: 'FILE', help: 'configuration: store, variables, areas, rules in force' },
    from: { type: 'string', value: 'TIME', help: 'such as 2007-01-01' },
    to: { type: 'string', value: 'TIME', help: 'such as 2008-01-01' },
    ahead: { type: 'string', value: 'HOURS', help: 'a warning counts for what begins within so long (72)' },
    apart: {
      type: 'string',
      value: 'HOURS',
      help: 'crossings that are nearer than this are one episode (48)',
    },
    json: { type: 'boolean', help: 'the result as JSON' },
  },
  async run(values, [action, file, ...more], io) {
    if (action !== 'check' && action !== 'try')
      throw new UsageError(`"${action ?? ''}" is neither check nor try`);
    if (!file || more.length > 0) throw new UsageError('needs one file of rules');
    await (action === 'check' ? check : tryRules)(file, values, io);
    return exit.ok;
  },
};

async function check(file: string, values: Values, io: Io): Promise<void> {
  const given = text(values, 'config');
  const { variables } = given === undefined ? checkConfig({}, 'defaults') : loadConfig(given);
  const rules = loadRules(file, variables);
  io.out.write(`${file}: ${rules.length} rules can be used\n`);
  for (const rule of rules) io.out.write(`${lineOf(rule)}\n`);
}

function lineOf({ id, text: what, grades, provenance }: Rule): string {
  const severities = grades.map(({ severity }) => severity).join(', ');
  const lacking = [
    ...(provenance ? [] : ['no provenance: say where the levels come from']),
    ...(grades.every(({ action }) => action) ? [] : ['no action: say what it asks people to do']),
  ];
  return [`  ${id}  ${severities}  ${what}`, ...lacking.map((lack) => `    note: ${lack}`)].join('\n');
}

interface History {
  readonly steps: readonly Step[];
  readonly forecasts: readonly Forecast[];
}

async function tryRules(file: string, values: Values, io: Io): Promise<void> {
  const given = text(values, 'config');
  const [from, to] = [instant(values, 'from'), instant(values, 'to')];
  if (given === undefined || from === undefined || to === undefined)
    throw new UsageError('try needs --config, --from and --to');
  const config = loadConfig(given);
  const tried = loadRules(file, config.variables);
  const { store, close } = historyOf(config);
  const history = await read(store, from, to).finally(close);
  if (history.steps.length === 0)
    throw new UsageError(`the store holds no steps from ${text(values, 'from')} to ${text(values, 'to')}`);
  const options = {
    ahead: number(values, 'ahead', 72) * 3_600_000,
    apart: number(values, 'apart', 48) * 3_600_000,
  };
  const judge = (rules: readonly Rule[]) =>
    rowsOf(rules, config, history, { ...options, span: to - from, end: to });
  const result = { tried: judge(tried), inForce: judge(config.rules) };
  io.out.write(flag(values, 'json') ? `${JSON.stringify(result)}\n` : tables(result));
}

async function read(store: Store, from: number, to: number): Promise<History> {
  const steps: Step[] = [];
  for await (const step of store.steps({ from, to })) steps.push(step);
  const forecasts: Forecast[] = [];
  for await (const forecast of store.forecasts({ from, to })) forecasts.push(forecast);
  return { steps, forecasts };
}

interface Judging {
  readonly ahead: number;
  readonly apart: number;
  readonly span: number;
  readonly end: number;
}

/** One row for each rule. */
function rowsOf(rules: readonly Rule[], config: Config, { steps, forecasts }: History, judging: Judging) {
  const { alerts } = settingsOf(planOf(config, []));
  const transitions = alertsOver({ ...alerts, rules }, inOrder(steps, forecasts));
  return rules.map((rule) => {
    const warnings = warningsOf(
      transitions.filter((each) => each.rule === rule.id),
      judging.end,
    );
    const episodes = truthOf(rule, steps, judging.apart);
    return { rule: rule.id, ...score(warnings, episodes, judging), list: warnings };
  });
}

/** The level of the rule's first test crossed in what was observed; whatever the rule itself looks at. */
function truthOf(rule: Rule, steps: readonly Step[], apart: number): Episode[] {
  const { variable, direction, level, measure } = principalOf(rule);
  if (measure !== 'value' && measure !== 'probability') return [];
  const own = steps.filter((step) => step.variable === variable && step.count > 0 && step.flag !== 4);
  const crossings = own
    .toSorted((a, b) => a.start - b.start)
    .map(({ station, start, mean }) => ({
      station,
      time: start,
      crossed: direction === 'above' ? mean > level : mean < level,
    }));
  return episodesOf(crossings, own[0]?.length ?? 0, apart);
}

type Row = ReturnType<typeof rowsOf>[number];

function tables({
  tried,
  inForce,
}: {
  readonly tried: readonly Row[];
  readonly inForce: readonly Row[];
}): string {
  return `tried\n${table(tried)}\n\nin force\n${table(inForce)}\n`;
}

const columns = [
  'rule',
  'warnings',
  'episodes',
  'caught',
  'false',
  'POD',
  'FAR',
  'CSI',
  'median lead',
  'days a year',
];

function table(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.rule,
    ...[row.warnings, row.episodes, row.caught, row.falseAlarms].map(String),
    ...[row.pod, row.far, row.csi].map((share) => (Number.isNaN(share) ? '-' : share.toFixed(2))),
    leadOf(row.leads),
    row.alertDaysPerYear.toFixed(1),
  ]);
  const lines = [columns, ...cells];
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  return lines
    .map((line) => `  ${line.map((cell, i) => cell.padEnd(widths[i]!)).join('  ')}`.trimEnd())
    .join('\n');
}

function leadOf(leads: readonly number[]): string {
  const median = leads[Math.floor(leads.length / 2)];
  if (median === undefined) return '-';
  return median < 0 ? `-${span(-median)}` : span(median);
}
