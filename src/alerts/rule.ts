import { type Severity, severities } from './alert.ts';
import { type Condition, faultsOfCondition, type Test, testsOf } from './condition.ts';

/** When to warn, of what, and what it asks for. Times in ms. */
export interface Rule {
  readonly id: string;
  /** What it means, for people: "bloom conditions", never a species; a buoy sees none. */
  readonly text: string;
  /** What it warns of, such as `bloom`: of alerts of one hazard in one area, the most severe one speaks. */
  readonly hazard: string;
  readonly stations: '*' | readonly string[];
  /** In rising severity; the highest whose condition holds is that of the alert. */
  readonly grades: readonly Grade[];
  /**
   * Event time from the first crossing evidence to the newest before the alert fires; 0 fires at once. An observed step
   * covers its own length: two steps of 1 h have held for 2 h. A forecast covers no time.
   */
  readonly for: number;
  /** Instead of `for`: so many of the newest so many steps crossed. */
  readonly count?: { readonly crossed: number; readonly of: number } | undefined;
  /** How many stations of an area must agree, where it has so many. */
  readonly agree: number;
  /** How many steps in a row, measured after the onset and passed, must be clear before the alert ends. */
  readonly passes: number;
  /** Evidence older than this when it comes is of the past: it ends nothing, and of what it starts nobody is told yet. */
  readonly fresh: number;
  /** Without evidence of a station for so long, its alert is stale. */
  readonly silence: number;
  /** Said again so often until it is acknowledged. */
  readonly repeat?: number | undefined;
  /** Unacknowledged for so long, it goes to the next contact. */
  readonly escalate?: number | undefined;
  /** Months in which the rule holds, 1 to 12 (UTC, of the evidence). */
  readonly months?: readonly number[] | undefined;
  /** Where the levels come from. */
  readonly provenance?: string | undefined;
}

/** Of rules that nobody writes: watch-rules.ts. */
export const ownRuleIds = { data: 'no-data', forecast: 'no-forecast' } as const;

export interface Grade {
  readonly severity: Severity;
  readonly when: Condition;
  /** What it asks people to do. */
  readonly action?: string | undefined;
}

export function appliesTo(rule: Rule, station: string): boolean {
  return rule.stations === '*' || rule.stations.includes(station);
}

/** The test that speaks for a rule where one must: the first of the lowest grade. */
export function principalOf({ grades }: Rule): Test {
  return testsOf(grades[0]!.when)[0]!;
}

/** What a rule asks for at a severity; that of the grade below where it has none of its own. */
export function actionOf({ grades }: Rule, severity: Severity): string | undefined {
  const upTo = severities.indexOf(severity);
  return grades.filter((grade) => grade.action && severities.indexOf(grade.severity) <= upTo).at(-1)?.action;
}

/** What is wrong with the rules, one line per fault with the values at fault; none when they can be used. */
export function ruleFaults(rules: readonly Rule[]): string[] {
  const repeated = rules.filter((rule, i) => rules.findIndex(({ id }) => id === rule.id) < i);
  return [
    ...rules.flatMap((rule) => faultsOf(rule).map((fault) => `rule ${rule.id}: ${fault}`)),
    ...repeated.map(({ id }) => `rule ${id}: the id is used twice; give each rule its own`),
  ];
}

function faultsOf(rule: Rule): string[] {
  const { grades, count, agree, passes, months = [], stations } = rule;
  const faults = grades.flatMap(({ when }) => faultsOfCondition(when));
  const species = speciesIn(rule.text);
  if (species) faults.push(`text names ${species}, which no buoy can see: say bloom conditions`);
  if (grades.length === 0) faults.push('grades [] has none; give at least one severity with its condition');
  const ranks = grades.map(({ severity }) => severities.indexOf(severity));
  if (ranks.some((rank, i) => i > 0 && rank <= ranks[i - 1]!))
    faults.push(`severities ${grades.map(({ severity }) => severity).join(', ')} must rise`);
  for (const name of ['for', 'fresh', 'silence'] as const)
    if (!(rule[name] >= 0)) faults.push(`${name} ${rule[name]} must be 0 ms or more`);
  for (const [name, value] of Object.entries({ agree, passes }))
    if (!(Number.isInteger(value) && value >= 1))
      faults.push(`${name} ${value} must be 1 or more, and whole`);
  if (count && !(count.crossed >= 1 && count.crossed <= count.of && count.of <= 1000))
    faults.push(
      `count ${count.crossed} of ${count.of} must be 1 to 1000 steps, and no more crossed than there are`,
    );
  if (months.some((month) => !(month >= 1 && month <= 12)))
    faults.push(`months ${months.join(', ')} must be 1 to 12`);
  if (stations !== '*' && stations.length === 0)
    faults.push("stations [] names none; name some, or write '*' for all");
  return faults;
}

/** Genera of harmful algae, and what only a count or an assay can tell. */
const unseen =
  /\b(karenia|cochlodinium|margalefidinium|alexandrium|chattonella|heterosigma|dinophysis|noctiluca|phaeocystis|pseudo-?nitzschia|prorocentrum|microcystis|toxic|toxins?|red tide)\b/i;

const speciesIn = (text: string) => unseen.exec(text)?.[0];
