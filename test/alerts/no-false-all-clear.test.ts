import test from 'ava';
import fc from 'fast-check';
import { Subject } from 'rxjs';
import type { AlertTransition } from '../../src/alerts/alert.ts';
import { evaluateRules, type Seen } from '../../src/alerts/evaluate.ts';
import type { Rule } from '../../src/alerts/rule.ts';
import { MemoryKeep, type Saved } from '../../src/stream/kept.ts';
import { hour, midnight, observedAt, ruleWith } from './evidence.ts';

/** What may befall two stations of one area and one that is alone, in any order. */
type Happening =
  | { readonly of: 'hour'; readonly values: readonly number[]; readonly suspect: boolean }
  | { readonly of: 'late'; readonly station: number; readonly back: number; readonly value: number }
  | { readonly of: 'nothing'; readonly hours: number }
  | { readonly of: 'reload'; readonly changed: boolean }
  | { readonly of: 'acknowledge' | 'restart' }
  | { readonly of: 'silence'; readonly hours: number };

const stations = ['north', 'south', 'alone'];
const area = { id: 'bay', stations: ['north', 'south'] };
const areaOf = (station: string) => (station === 'alone' ? 'alone' : 'bay');
const held = 2;
const passes = 2;
const fresh = 6;
const ruleAt = (level: number): Rule =>
  ruleWith({
    level,
    clear: 15,
    for: held * hour,
    passes,
    fresh: fresh * hour,
    silence: 4 * hour,
    repeat: 5 * hour,
  });

const value = fc.constantFrom(3, 3, 14, 17, 30, 30, 60, Number.NaN);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      of: fc.constant('hour' as const),
      values: fc.tuple(value, value, value),
      suspect: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      of: fc.constant('late' as const),
      station: fc.nat(2),
      back: fc.integer({ min: 0, max: 3 }),
      value,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ of: fc.constant('nothing' as const), hours: fc.integer({ min: 1, max: 9 }) }),
  },
  { weight: 1, arbitrary: fc.record({ of: fc.constant('reload' as const), changed: fc.boolean() }) },
  { weight: 2, arbitrary: fc.constant({ of: 'acknowledge' as const }) },
  { weight: 2, arbitrary: fc.constant({ of: 'restart' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ of: fc.constant('silence' as const), hours: fc.integer({ min: 1, max: 12 }) }),
  },
);

interface Known {
  value: number;
  suspect: boolean;
  revision: number;
}

/** Plays happenings to the rules, and remembers what a slow witness would. */
class Play {
  readonly transitions: AlertTransition[] = [];
  readonly faults: string[] = [];
  /** By station, of each hour. */
  readonly steps = new Map(stations.map((station) => [station, new Map<number, Known>()]));
  now = 0;
  silencedUntil = 0;
  /** The first hour that the rule in force has seen. */
  since = 0;
  level = 20;
  #saved = new Map<string, Saved>();
  #keep = new MemoryKeep();
  #input: Subject<Seen> | undefined;
  #sequence = 0;
  readonly #restarts: boolean;

  constructor(restarts: boolean) {
    this.#restarts = restarts;
  }

  /** The newest transition of each area. */
  get last(): Map<string, AlertTransition> {
    return new Map(this.transitions.map((each) => [each.area, each]));
  }

  do(what: Happening): void {
    if (what.of === 'hour') this.#hour(what.values, what.suspect);
    else if (what.of === 'late') this.#late(what);
    else if (what.of === 'nothing') for (let i = 0; i < what.hours; i++) this.#pass();
    else if (what.of === 'reload') this.#reload(what.changed);
    else if (what.of === 'restart') this.#restart();
    else if (what.of === 'silence') this.#silence(what.hours);
    else for (const [, { id }] of this.last) this.#order('acknowledge', { alert: id });
  }

  #pass(): void {
    this.now += 1;
    this.#push({ kind: 'tick', time: midnight + this.now * hour });
  }

  #hour(values: readonly number[], suspect: boolean): void {
    this.#pass();
    stations.forEach((station, i) => this.#step(station, this.now - 1, values[i]!, suspect));
  }

  #late({ station, back, value }: Extract<Happening, { of: 'late' }>): void {
    const at = this.now - 1 - back;
    if (at >= 0) this.#step(stations[station]!, at, value, false);
  }

  #step(station: string, at: number, value: number, suspect: boolean): void {
    const known = this.steps.get(station)!;
    if (Number.isNaN(value) && !known.has(at)) return;
    const late = at < this.now - 1 ? 0 : -1;
    const revision = (known.get(at)?.revision ?? late) + 1;
    known.set(at, { value, suspect, revision });
    const flag = Number.isNaN(value) ? 9 : suspect ? 3 : 1;
    this.#push(observedAt(at, value, { station, revision, flag }));
  }

  #reload(changed: boolean): void {
    if (changed) {
      this.level = this.level === 20 ? 25 : 20;
      this.since = this.now;
    }
    this.#restart(true);
    this.#push({ kind: 'tick', time: midnight + this.now * hour });
  }

  #restart(always = false): void {
    if (!this.#restarts && !always) return;
    for (const each of this.#keep.takeDirty()) this.#saved.set(`${each.stage} ${each.station}`, each);
    this.#keep = new MemoryKeep(this.#saved.values());
    this.#input = undefined;
  }

  #silence(hours: number): void {
    this.silencedUntil = Math.max(this.silencedUntil, this.now + hours);
    this.#order('silence', { until: midnight + (this.now + hours) * hour, note: 'work at the pier' });
  }

  #order(action: string, details: Record<string, unknown>): void {
    const time = midnight + this.now * hour;
    this.#push({ kind: 'command', sequence: ++this.#sequence, time, action, author: 'officer', details });
  }

  #push(item: Seen): void {
    if (!this.#input) {
      this.#input = new Subject();
      this.#input
        .pipe(evaluateRules({ rules: [ruleAt(this.level)], areas: [area], keep: this.#keep }))
        .subscribe((each) => {
          if (each.kind !== 'alert') return;
          this.transitions.push(each);
          if (each.to === 'resolved') this.faults.push(...falseAllClear(this, each));
        });
    }
    this.#input.next(item);
  }

  /** Newest last, those with a value. */
  measured(station: string): [number, Known][] {
    const all = [...this.steps.get(station)!].filter(([, { value }]) => !Number.isNaN(value));
    return all.sort(([a], [b]) => a - b);
  }
}

const open = (to: AlertTransition['to']) => to === 'firing' || to === 'acknowledged' || to === 'stale';

/** An all-clear needs, of every station of the alert, clear, unsuspected and fresh steps in a row after the onset. */
function falseAllClear(play: Play, { onset, stations: involved }: AlertTransition): string[] {
  return involved.flatMap((station) => {
    // A clear step with suspect readings is no evidence.
    const evidence = play.measured(station).filter(([, { value, suspect }]) => !(suspect && value <= 15));
    const newest = evidence.slice(-passes);
    const clear = newest.every(([at, { value, suspect }]) => {
      const isFresh = at + 1 >= play.now - fresh;
      return value <= 15 && !suspect && midnight + at * hour > onset && isFresh;
    });
    if (newest.length === passes && clear) return [];
    return [`false all-clear at ${play.now}: ${station} ${JSON.stringify(newest)}`];
  });
}

/** Whoever saw the newest steps cross for long enough must find an alert open. */
function noneIsLost(play: Play): void {
  for (const station of stations) {
    const newest = play.measured(station).slice(-held);
    const [first, last] = [newest[0], newest.at(-1)];
    if (!first || !last || last[0] !== play.now - 1 || newest.length < held) continue;
    const crossing = newest.every(([at, { value }]) => value > play.level && at >= play.since);
    const inRow = last[0] - first[0] === held - 1;
    // A correction of an older step comes too late to count.
    const inOrder = newest.every(([, { revision }]) => revision === 0);
    if (!crossing || !inRow || !inOrder) continue;
    const alert = play.last.get(areaOf(station));
    if (!alert || !open(alert.to)) throw new Error(`lost alert at ${play.now}: ${station} ${alert?.to}`);
  }
}

/** Where nothing keeps people from it, whoever relies on the messages alone knows of every alert that stands. */
function peopleKnow(play: Play): void {
  if (play.silencedUntil > play.now) return;
  for (const [where, { to, id }] of play.last) {
    if (to !== 'firing') continue;
    const told = play.transitions.some((each) => each.id === id && !each.quiet && open(each.to));
    if (!told) throw new Error(`nobody was told of ${id} in ${where} at ${play.now}`);
  }
}

function storyHolds(transitions: readonly AlertTransition[]): void {
  const seen = new Map<string, AlertTransition[]>();
  for (const each of transitions) seen.set(each.id, [...(seen.get(each.id) ?? []), each]);
  for (const [id, story] of seen) {
    story.forEach((each, i) => {
      const before = story[i - 1];
      if (each.sequence !== i + 1) throw new Error(`${id}: sequence ${each.sequence} at ${i + 1}`);
      if (before && (each.from !== before.to || each.time <= before.time)) throw new Error(`${id}: broken`);
      if ((each.to === 'resolved' || each.to === 'inactive') && !each.quiet && i > 0)
        if (!story.slice(0, i).some(({ quiet }) => !quiet))
          throw new Error(`${id}: an end without a beginning`);
      if (each.to === 'resolved' && each.cause !== 'evidence')
        throw new Error(`${id}: ended by ${each.cause}`);
    });
  }
}

function run(happenings: readonly Happening[], restarts: boolean): AlertTransition[] {
  const play = new Play(restarts);
  for (const what of happenings) {
    play.do(what);
    if (play.faults[0]) throw new Error(play.faults[0]);
    noneIsLost(play);
  }
  storyHolds(play.transitions);
  play.do({ of: 'nothing', hours: 1 });
  peopleKnow(play);
  return play.transitions;
}

test('whatever happens: no false all-clear, no lost alert, people know, and restarts change nothing', (t) => {
  const reached = new Set<string>();
  fc.assert(
    fc.property(fc.array(happening, { minLength: 5, maxLength: 60 }), (happenings) => {
      const transitions = run(happenings, true);
      for (const { from, to, cause } of transitions) reached.add(`${from} ${to} ${cause}`);
      t.deepEqual(run(happenings, false), transitions);
    }),
    { numRuns: 400, includeErrorInReport: true },
  );
  for (const way of [
    'firing resolved evidence',
    'firing stale silence',
    'stale firing evidence',
    'stale acknowledged evidence',
    'firing acknowledged command',
    'acknowledged resolved evidence',
    'firing inactive reload',
    'firing firing repeat',
    'pending inactive evidence',
  ])
    t.true(reached.has(way), `never came: ${way}`);
});
