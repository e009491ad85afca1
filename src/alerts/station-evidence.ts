import type { Forecast } from '../model/forecast.ts';
import { derivedOf } from '../stream/derive-oxygen.ts';
import type { Codec, Kept } from '../stream/kept.ts';
import type { Step, StepBatch } from '../stream/step.ts';
import {
  type CompiledRule,
  type Look,
  leafKey,
  type StationRules,
  type Tree,
  verdictOf,
  verdictOfAny,
} from './compiled.ts';
import { type Weighed, weigh } from './judge.ts';
import { countsFor, type Leaf, learn, type Span, untouched } from './leaf.ts';
import type { Finding } from './member.ts';
import { noPast, note, type Past } from './past.ts';

/** What is remembered of one station. */
export interface Memory {
  /** By rule and number of the test. */
  readonly leaves: Map<string, Leaf>;
  /** By variable and sensor, for tests that look back. */
  readonly pasts: Map<string, Past>;
  /** By variable: end of the newest step that has a value, ms since the epoch. */
  readonly measured: Map<string, number>;
}

export const memoryCodec: Codec<Memory> = {
  encode: ({ leaves, pasts, measured }) =>
    Buffer.from(JSON.stringify([[...leaves], [...pasts], [...measured]])),
  decode: (bytes) => {
    const [leaves, pasts, measured] = JSON.parse(Buffer.from(bytes).toString());
    return { leaves: new Map(leaves), pasts: new Map(pasts), measured: new Map(measured) };
  },
};

const begin = (): Memory => ({ leaves: new Map(), pasts: new Map(), measured: new Map() });

export interface StationEvidenceOptions {
  readonly memories: Kept<Memory>;
  readonly rulesOf: (station: string) => StationRules;
  readonly units: Readonly<Record<string, string | undefined>>;
  readonly ceilings: Readonly<Record<string, number | undefined>>;
}

const unknownSalinity = { salinity: () => undefined };

/** A rule, and what it makes of a station now. */
export type Found = readonly [CompiledRule, Finding];

/** Holds each test of each rule against what comes of a station, and gives what the rules make of it. */
export class StationEvidence {
  readonly #options: StationEvidenceOptions;
  /** Stations whose memory holds no rule any more that is not there. */
  readonly #known = new Set<string>();

  constructor(options: StationEvidenceOptions) {
    this.#options = options;
  }

  takeSteps(batch: StepBatch): Found[] {
    const { station, start, length, revision, steps } = batch;
    const { rulesOf, units } = this.#options;
    const rules = rulesOf(station);
    const memory = this.#memoryOf(station);
    const derived = units['dissolvedOxygen'] === 'mg/L' ? derivedOf(batch, unknownSalinity) : [];
    const byVariable = new Map<string, Step[]>();
    for (const step of [...steps, ...derived]) {
      this.#note(memory, step, rules);
      const others = byVariable.get(step.variable);
      if (others) others.push(step);
      else byVariable.set(step.variable, [step]);
    }
    const span = { from: start, until: start + length, revision };
    const judged = [...byVariable].flatMap(([variable, own]) =>
      (rules.looks.get(`observed/${variable}`) ?? []).map(
        (look) => [look, own.map((step) => this.#judgeStep(look, step, memory))] as const,
      ),
    );
    return findings(memory, judged, span);
  }

  takeForecast(forecast: Forecast): Found[] {
    const { station, variable, issuedAt, revision } = forecast;
    const looks = this.#options.rulesOf(station).looks.get(`forecast/${variable}`);
    if (!looks) return [];
    const memory = this.#memoryOf(station);
    const span = { from: issuedAt, until: issuedAt, revision };
    const judged = looks.map((look) => [look, [this.#judgeForecast(look, forecast, memory)]] as const);
    return findings(memory, judged, span);
  }

  #memoryOf(station: string): Memory {
    const memory = this.#options.memories.change(station, begin);
    if (this.#known.has(station)) return memory;
    this.#known.add(station);
    const known = new Set([...this.#options.rulesOf(station).looks.values()].flat().map(({ leaf }) => leaf));
    for (const leaf of memory.leaves.keys()) if (!known.has(leaf)) memory.leaves.delete(leaf);
    return memory;
  }

  #note({ measured, pasts }: Memory, step: Step, { back }: StationRules): void {
    const { variable, sensor, start, length, count, mean } = step;
    if (count === 0) return;
    measured.set(variable, Math.max(start + length, measured.get(variable) ?? 0));
    const span = back.get(variable);
    if (span === undefined) return;
    const key = `${variable}/${sensor}`;
    const past = pasts.get(key) ?? noPast();
    pasts.set(key, past);
    note(past, start, mean, (past.starts.at(-1) ?? start) - span);
  }

  #judgeStep({ compiled, test: at }: Look, step: Step, { pasts }: Memory): Weighed {
    const { units, ceilings } = this.#options;
    const past = pasts.get(`${step.variable}/${step.sensor}`);
    const context = { unit: units[step.variable], ceiling: ceilings[step.variable], past };
    return weigh(compiled.tests[at]!, step, context);
  }

  /** A model goes on forecasting for a while after a buoy fell silent: what it says then ends nothing. */
  #judgeForecast({ compiled, test: at }: Look, forecast: Forecast, { pasts, measured }: Memory): Weighed {
    const { variable, issuedAt } = forecast;
    const test = compiled.tests[at]!;
    const past = test.over === undefined ? undefined : anyOf(pasts, variable);
    const weighed = weigh(test, forecast, { unit: this.#options.units[variable], past });
    if (weighed.verdict !== 'clear' || (measured.get(variable) ?? 0) >= issuedAt) return weighed;
    const { source, tell } = weighed;
    const reason = () => `${tell().reason}, but ${variable} was not measured in the newest step`;
    return { verdict: 'nothing', source, tell: () => ({ verdict: 'nothing', source, reason: reason() }) };
  }
}

const anyOf = (pasts: Memory['pasts'], variable: string) =>
  [...pasts].find(([key]) => key.startsWith(`${variable}/`))?.[1];

type Judged = readonly (readonly [Look, readonly Weighed[]])[];

/** Of each rule for which there is news, or an objection to what it made of a station before. */
function findings({ leaves }: Memory, judged: Judged, span: Span): Found[] {
  const news = new Map<CompiledRule, Weighed[]>();
  const objections = new Map<CompiledRule, Weighed>();
  for (const [{ compiled, leaf }, judgements] of judged) {
    const before = leaves.get(leaf) ?? untouched;
    const after = learn(before, judgements, span);
    if (after === before) {
      const objection = judgements.find(({ verdict }) => verdict !== 'clear');
      if (objection && span.from <= before.from) objections.set(compiled, objection);
      continue;
    }
    leaves.set(leaf, after);
    const known = judgements.filter(({ verdict }) => verdict !== 'nothing');
    const others = news.get(compiled);
    if (others) others.push(...known);
    else news.set(compiled, known);
  }
  return [
    ...[...objections].map(([compiled, said]): Found => [compiled, objectionOf(compiled, said, span)]),
    ...[...news].map(([compiled, known]): Found => [compiled, findingOf(compiled, leaves, known, span)]),
  ];
}

/** A step that was changed later, and is not clear now: it starts nothing, but steps that passed count anew. */
const objectionOf = ({ trees }: CompiledRule, { tell }: Weighed, span: Span): Finding => ({
  span,
  grades: trees.map(() => 'between'),
  verdict: 'between',
  tell: () => ({ said: tell(), more: [] }),
  objection: true,
});

function findingOf(compiled: CompiledRule, leaves: Memory['leaves'], news: Weighed[], span: Span): Finding {
  const { trees, rule } = compiled;
  const leafAt = (test: number) => leaves.get(leafKey(compiled, test)) ?? untouched;
  const counts = (test: number) => countsFor(leafAt(test), span.until, rule.silence);
  const grades = trees.map((tree) => verdictOf(tree, counts));
  const verdict = verdictOfAny(grades);
  const tell = () => {
    const top = trees[grades.lastIndexOf('crossed')];
    const crossing = top === undefined ? [] : testsIn(top).filter((test) => counts(test) === 'crossed');
    const agreeing = news.filter((judgement) => judgement.verdict === verdict);
    const others = agreeing.length > 0 ? agreeing : news;
    const saying =
      crossing.length > 0 ? crossing.map((test) => leafAt(test).said!) : others.map((each) => each.tell());
    const reason = [...new Set(saying.map((each) => each.reason))].join('; ');
    return { said: { ...saying[0]!, reason }, more: saying.slice(1) };
  };
  return { span, grades, verdict, tell };
}

const testsIn = (tree: Tree): readonly number[] =>
  typeof tree === 'number' ? [tree] : ('all' in tree ? tree.all : tree.any).flatMap(testsIn);
