import type { Kept } from '../stream/kept.ts';
import { type AlertTransition, severities } from './alert.ts';
import type { CompiledRule } from './compiled.ts';
import { type Case, eventOf, gradeReached, type Newest, needOf, onsetOf } from './decide.ts';
import { beginStanding, type Event, isOpen, move, type Said, type Standing } from './lifecycle.ts';
import { type Finding, follow, type Member } from './member.ts';
import { appliesTo, type Rule } from './rule.ts';
import { monthOf } from './season.ts';
import { type Silence, silencing } from './silence.ts';
import { addition, lastSaid, owed, quietFor } from './telling.ts';
import { instant, span } from './wording.ts';

export interface DeskOptions {
  readonly rules: ReadonlyMap<string, CompiledRule>;
  readonly areaOf: (station: string) => string;
  /** Stations of a configured area; undefined where a station is an area of its own. */
  readonly stationsOf: (area: string) => readonly string[] | undefined;
  /** By rule and area. */
  readonly standings: Kept<Standing>;
  /** By rule, as it is called, and area: the newest transition, so that no message is named twice. */
  readonly newest: Kept<Newest>;
  readonly silences: () => Iterable<Silence>;
}

const day = 86_400_000;

/** Where findings become alerts, and time makes them stale, says them again, or hands them on. */
export class Desk {
  readonly #options: DeskOptions;
  /** Keys of all alerts that are not at rest, by area. */
  readonly #active = new Map<string, Set<string>>();

  constructor(options: DeskOptions) {
    this.#options = options;
    for (const [key, standing] of options.standings.entries())
      if (isActive(standing)) this.#activate(key, standing);
  }

  /** What a rule makes of a station changes its alert in the area. */
  take(station: string, compiled: CompiledRule, finding: Finding, now: number): AlertTransition[] {
    const area = compiled.watch ? station : this.#options.areaOf(station);
    const key = `${compiled.key}|${area}`;
    const involved = this.#options.standings.get(key)?.members[station] !== undefined;
    if (finding.verdict !== 'crossed' && !involved) return [];
    if (finding.verdict === 'nothing') return [];
    const outOfSeason = compiled.months && !compiled.months.has(monthOf(finding.span.from));
    if (outOfSeason && !involved) return [];
    const standing = this.#options.standings.change(key, () => beginStanding(compiled.key, area));
    const before = standing.members[station];
    const settled = isOpen(standing) ? standing.onset : undefined;
    const after = follow(before, finding, compiled, settled, now);
    if (after) standing.members[station] = after;
    else delete standing.members[station];
    const transitions: AlertTransition[] = [];
    const known = this.#caseOf(standing, compiled);
    const event = finding.objection
      ? undefined
      : eventOf(known, { station, before, until: finding.span.until, now });
    if (event) {
      if (standing.state === 'inactive') this.#begin(known);
      transitions.push(this.#tell(known, event, station, finding, now));
    }
    this.#activate(key, standing);
    return transitions;
  }

  #caseOf(standing: Standing, compiled: CompiledRule): Case {
    const stations = this.#options.stationsOf(standing.area)?.length ?? 1;
    return { standing, compiled, need: needOf(compiled.rule, stations) };
  }

  #begin({ standing, compiled: { rule } }: Case): void {
    const newest = this.#options.newest.get(`${rule.id}|${standing.area}`);
    standing.onset = onsetOf(standing, newest);
    if (newest) standing.time = Math.max(standing.time, newest.time);
    if (newest?.onset === standing.onset) standing.sequence = newest.sequence;
  }

  #tell(known: Case, event: Event, station: string, finding: Finding, now: number): AlertTransition {
    const { standing, compiled } = known;
    const { rule } = compiled;
    if (event === 'held' || event === 'raised') standing.grade = gradeReached(known, finding.span.until);
    const { members, grade } = standing;
    const stations = [...new Set([...Object.keys(members), station])].sort();
    const told = finding.tell();
    const evidence = told.said.evidence ?? standing.last!.evidence;
    const others = Object.entries(members).filter(([id]) => id !== station);
    const more = [...told.more, ...others.map(([, { said }]) => said)].flatMap((each) => each.evidence ?? []);
    const severity = rule.grades[Math.max(0, grade)]!.severity;
    const reason = told.said.reason + addition(event, standing, rule, finding, stations);
    const said = { rule: rule.id, station, stations, reason, severity, evidence, more };
    const past = now - finding.span.until > rule.fresh ? 'past, while catching up' : undefined;
    return this.#move(standing, event, said, now, past);
  }

  #move(standing: Standing, event: Event, said: Said, now: number, past?: string): AlertTransition {
    this.#options.standings.change(`${standing.key}|${standing.area}`, () => standing);
    const kept = past ?? this.#kept(standing, said, now);
    const quiet = quietFor(event, standing, kept);
    const transition = move(standing, event, said, now, quiet, kept !== undefined && owed.has(event));
    const { onset, sequence, time } = transition;
    const newest = this.#options.newest.change(`${said.rule}|${standing.area}`, () => ({
      onset,
      sequence,
      time,
    }));
    Object.assign(newest, { onset, sequence, time });
    return transition;
  }

  /** Why nobody is to be told of an alert now; undefined where nothing keeps them from it. */
  #kept(standing: Standing, { rule, stations, severity }: Said, now: number): string | undefined {
    if (standing.mode !== 'actual') return undefined;
    const silence = silencing(this.#options.silences(), { rule, area: standing.area, stations }, now);
    if (silence) return `${silence.of} until ${instant(silence.until)} by ${silence.author}: ${silence.note}`;
    const higher = this.#higher(standing, rule, severity);
    return higher && `the higher alert ${higher.last!.id} stands`;
  }

  #higher(standing: Standing, rule: string, severity: Said['severity']): Standing | undefined {
    const { hazard } = this.#ruleOf(standing) ?? { hazard: rule };
    const rank = severities.indexOf(severity);
    for (const key of this.#active.get(standing.area) ?? []) {
      const other = this.#options.standings.get(key)!;
      if (other === standing || !isOpen(other) || other.mode !== 'actual' || !other.told) continue;
      if (this.#ruleOf(other)?.hazard === hazard && severities.indexOf(other.last!.severity) > rank)
        return other;
    }
    return undefined;
  }

  #ruleOf({ key }: Standing): Rule | undefined {
    return this.#options.rules.get(key)?.rule;
  }

  #watches({ key }: Standing): boolean {
    return this.#options.rules.get(key)?.watch ?? false;
  }

  /** All that the passing of time brings. */
  tick(now: number, away: string): AlertTransition[] {
    return this.active().flatMap(([key, standing]) => {
      const transition = this.#age(standing, now, away);
      this.#activate(key, standing);
      return transition ? [transition] : [];
    });
  }

  #age(standing: Standing, now: number, away: string): AlertTransition | undefined {
    if (standing.ends.some((end) => end <= now - day)) this.#forgetEnds(standing, now);
    if (standing.mode === 'exercise')
      return now >= standing.until! ? this.withdraw(standing, 'the exercise is over', now) : undefined;
    const rule = this.#ruleOf(standing);
    if (!rule || standing.state === 'inactive') return undefined;
    const heard = Math.max(...holding(standing, rule).map(({ until }) => until));
    if (now - heard > rule.silence) {
      const known = `no evidence since ${instant(heard)}${away}`;
      if (standing.state === 'pending')
        return this.say(standing, 'lapsed', { reason: `${known}; it was only pending` }, now);
      if (standing.state !== 'stale')
        return this.say(standing, 'silent', { reason: `${known}: this is no all-clear` }, now);
    }
    return this.#remind(standing, rule, heard, now);
  }

  #forgetEnds(standing: Standing, now: number): void {
    this.#options.standings.change(`${standing.key}|${standing.area}`, () => standing);
    standing.ends = standing.ends.filter((end) => end > now - day);
  }

  /** What is owed, then what is to be handed on, then what is to be said again. */
  #remind(standing: Standing, rule: Rule, heard: number, now: number): AlertTransition | undefined {
    const { state, acknowledged, owed, told, toldAt, firedAt, escalated, last } = standing;
    if (acknowledged || !isOpen(standing) || this.#kept(standing, last!, now)) return undefined;
    const still = stillSaid(standing);
    const present = state === 'stale' ? told || now - last!.time > rule.silence : now - heard <= rule.fresh;
    if (owed && present) return this.say(standing, 'repeated', still, now);
    if (!told) return undefined;
    if (rule.escalate !== undefined && !escalated && now - firedAt >= rule.escalate)
      return this.say(
        standing,
        'escalated',
        { ...still, reason: `not acknowledged for ${span(rule.escalate)}, ${still.reason}` },
        now,
      );
    if (rule.repeat !== undefined && now - toldAt >= rule.repeat)
      return this.say(standing, 'repeated', still, now);
    return undefined;
  }

  /** A station was given up: its alerts are stale, unless other stations of them are heard. */
  silent(station: string, reason: string, now: number): AlertTransition[] {
    return this.active(this.#options.areaOf(station)).flatMap(([, standing]) => {
      const rule = this.#ruleOf(standing);
      if (!rule || this.#watches(standing)) return [];
      if (standing.state !== 'firing' && standing.state !== 'acknowledged') return [];
      const others = Object.entries(standing.members).filter(([id]) => id !== station);
      if (!standing.members[station] || others.some(([, { until }]) => now - until <= rule.silence))
        return [];
      return [this.say(standing, 'silent', { reason: `${reason}: this is no all-clear` }, now)];
    });
  }

  /** Ends an alert without saying that it is over. */
  withdraw(standing: Standing, why: string, now: number): AlertTransition {
    const transition = this.say(standing, 'withdrawn', { reason: `${why}: this is no all-clear` }, now);
    this.#activate(`${standing.key}|${standing.area}`, standing);
    return transition;
  }

  /** A transition without new evidence. */
  say(standing: Standing, event: Event, said: Partial<Said>, now: number): AlertTransition {
    const { rule, station, severity, evidence, more } = standing.last!;
    const stations = Object.keys(standing.members).sort();
    const known = {
      rule,
      station,
      stations: stations.length > 0 ? stations : [station],
      severity,
      evidence,
      more,
    };
    return this.#move(standing, event, { ...known, ...said } as Said, now);
  }

  /** Alerts that are not at rest, of one area or all, in order. */
  active(area?: string): [string, Standing][] {
    const sets = area === undefined ? [...this.#active.values()] : [this.#active.get(area) ?? []];
    const keys = sets.flatMap((keys) => [...keys]).sort();
    return keys.map((key) => [key, this.#options.standings.get(key)!]);
  }

  #activate(key: string, standing: Standing): void {
    const keys = this.#active.get(standing.area) ?? new Set();
    if (isActive(standing)) this.#active.set(standing.area, keys.add(key));
    else if (keys.delete(key) && keys.size === 0) this.#active.delete(standing.area);
  }

  add(key: string, standing: Standing): void {
    this.#activate(key, standing);
  }

  areaOf(station: string): string {
    return this.#options.areaOf(station);
  }

  applies(rule: Rule, area: string): boolean {
    return (this.#options.stationsOf(area) ?? [area]).some((station) => appliesTo(rule, station));
  }
}

const isActive = ({ state, ends }: Standing) => state !== 'inactive' || ends.length > 0;

/** What is said again: of an alert that fires, what crossed last, wherever that was. */
function stillSaid(standing: Standing): Pick<Said, 'reason'> & Partial<Said> {
  const { state, members, last } = standing;
  const [newest] = Object.values(members).sort((a, b) => b.until - a.until);
  const evidence = newest?.said.evidence;
  if (state !== 'firing' || !evidence || evidence.time <= last!.evidence.time)
    return { reason: `still ${state}: ${lastSaid(standing)}` };
  return { reason: `still ${state}: ${newest!.said.reason}`, evidence, station: evidence.station };
}

/** Members that hold the alert up; all where none does any more. */
function holding({ members }: Standing, { passes }: Rule): Member[] {
  const all = Object.values(members);
  const own = all.filter((member) => member.passes < passes);
  return own.length > 0 ? own : all;
}
