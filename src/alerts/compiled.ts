import { createHash } from 'node:crypto';
import type { Condition, Test } from './condition.ts';
import type { Verdict } from './judge.ts';
import { appliesTo, type Rule } from './rule.ts';

/** A rule made ready: its tests in one list, and its conditions in terms of their places there. */
export interface CompiledRule {
  readonly rule: Rule;
  /** The id with a digest of all that shapes the state: a rule that was changed begins anew, and only it. */
  readonly key: string;
  readonly tests: readonly Test[];
  /** One for each grade. */
  readonly trees: readonly Tree[];
  readonly months: ReadonlySet<number> | undefined;
  /** It is about the watch over a station, and so about that station alone. */
  readonly watch: boolean;
}

export type Tree = number | { readonly all: readonly Tree[] } | { readonly any: readonly Tree[] };

export function compile(rule: Rule): CompiledRule {
  const tests: Test[] = [];
  const treeOf = (condition: Condition): Tree => {
    if ('all' in condition) return { all: condition.all.map(treeOf) };
    if ('any' in condition) return { any: condition.any.map(treeOf) };
    return tests.push(condition) - 1;
  };
  const trees = rule.grades.map(({ when }) => treeOf(when));
  const watch = tests.some(({ on }) => on === 'watch');
  return { rule, key: keyOf(rule), tests, trees, months: rule.months && new Set(rule.months), watch };
}

function keyOf({
  id,
  stations,
  grades,
  for: held,
  count,
  agree,
  passes,
  fresh,
  silence,
  months,
}: Rule): string {
  const shape = grades.map(({ severity, when }) => [severity, when]);
  const text = JSON.stringify([stations, shape, held, count, agree, passes, fresh, silence, months]);
  return `${id}#${createHash('sha256').update(text).digest('hex').slice(0, 12)}`;
}

/** `all` is crossed where each part is and clear where one is; `any` the other way round, as far as it has evidence. */
export function verdictOf(tree: Tree, leaf: (test: number) => Verdict): Verdict {
  if (typeof tree === 'number') return leaf(tree);
  const all = 'all' in tree;
  const verdicts = (all ? tree.all : tree.any).map((part) => verdictOf(part, leaf));
  if (all) {
    if (verdicts.includes('clear')) return 'clear';
    if (verdicts.every((verdict) => verdict === 'crossed')) return 'crossed';
    return verdicts.includes('nothing') ? 'nothing' : 'between';
  }
  return verdictOfAny(verdicts);
}

export function verdictOfAny(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('crossed')) return 'crossed';
  if (verdicts.includes('between')) return 'between';
  return verdicts.includes('clear') ? 'clear' : 'nothing';
}

/** The rules of a station by what they look at. */
export interface StationRules {
  /** By `on/variable`. */
  readonly looks: ReadonlyMap<string, readonly Look[]>;
  /** By variable: how far back its steps are needed, ms. */
  readonly back: ReadonlyMap<string, number>;
}

export interface Look {
  readonly compiled: CompiledRule;
  readonly test: number;
  /** Under which the test's leaf is remembered at a station. */
  readonly leaf: string;
}

export const leafKey = ({ key }: CompiledRule, test: number) => `${key}/${test}`;

/** What a step or a forecast of a station meets costs the same however many stations there are. */
export function indexRules(rules: readonly CompiledRule[]): (station: string) => StationRules {
  const named = rules.some(({ rule }) => rule.stations !== '*');
  const everywhere = named ? undefined : stationRules(rules);
  const shared = new Map<string, StationRules>();
  const known = new Map<string, StationRules>();
  const find = (station: string) => {
    const own = rules.filter(({ rule }) => appliesTo(rule, station));
    const list = own.map(({ key }) => key).join();
    const found = shared.get(list) ?? stationRules(own);
    shared.set(list, found);
    known.set(station, found);
    return found;
  };
  return (station) => everywhere ?? known.get(station) ?? find(station);
}

function stationRules(rules: readonly CompiledRule[]): StationRules {
  const looks = new Map<string, Look[]>();
  const back = new Map<string, number>();
  for (const compiled of rules)
    compiled.tests.forEach(({ on, variable, over }, test) => {
      const key = `${on}/${variable}`;
      const look = { compiled, test, leaf: leafKey(compiled, test) };
      const list = looks.get(key);
      if (list) list.push(look);
      else looks.set(key, [look]);
      if (over !== undefined) back.set(variable, Math.max(over, back.get(variable) ?? 0));
    });
  return { looks, back };
}
