import type { Command } from '../ingest/command.ts';
import type { Kept } from '../stream/kept.ts';
import { type AlertTransition, type Evidence, severities } from './alert.ts';
import type { CompiledRule } from './compiled.ts';
import type { Desk } from './desk.ts';
import {
  beginStanding,
  type Event,
  idOf,
  isOpen,
  move,
  remember,
  type Said,
  type Standing,
  transitions,
} from './lifecycle.ts';
import { principalOf } from './rule.ts';
import type { Silence } from './silence.ts';
import { missedWarning, verdictWords } from './verdicts.ts';
import { instant } from './wording.ts';

/** What became of an order. */
export interface OrderAnswer {
  readonly kind: 'answer';
  readonly action: string;
  readonly author: string;
  readonly time: number;
  readonly accepted: boolean;
  /** What was done, or why it was not, in words. */
  readonly text: string;
  /** A silence that was begun, or ended. */
  readonly silence?: Silence;
}

export interface OrdersOptions {
  readonly desk: Desk;
  readonly rules: ReadonlyMap<string, CompiledRule>;
  readonly standings: Kept<Standing>;
  readonly silences: Kept<Silence>;
}

type Done = readonly (AlertTransition | OrderAnswer)[];
type Details = Readonly<Record<string, unknown>>;

/** An order that can't be carried out, with what to do. */
class Refusal extends Error {}

/** Of tests whose level is one of the variable itself. */
const levelMeasures: readonly string[] = ['value', 'probability'];

export const verdicts = ['confirmed', 'false-alarm', 'unclear'] as const;

/** Carries out what operators ask for. What it does not know is nobody's here, and passes without a word. */
export class Orders {
  readonly #options: OrdersOptions;
  readonly #actions: Readonly<Record<string, (command: Command, now: number) => Done>> = {
    acknowledge: (command, now) => this.#acknowledge(command, now),
    verdict: (command, now) => this.#verdict(command, now),
    missed: (command, now) => this.#missed(command, now),
    silence: (command, now) => this.#silence(command, now, 'silence'),
    maintenance: (command, now) => this.#silence(command, now, 'maintenance'),
    unsilence: (command, now) => this.#unsilence(command, now),
    test: (command, now) => this.#test(command, now),
    exercise: (command, now) => this.#exercise(command, now),
  };

  constructor(options: OrdersOptions) {
    this.#options = options;
  }

  take(command: Command, now: number): Done {
    const action = Object.hasOwn(this.#actions, command.action) ? this.#actions[command.action] : undefined;
    if (!action) return [];
    try {
      return action(command, now);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return [answer(command, now, false, error.message)];
    }
  }

  #acknowledge(command: Command, now: number): Done {
    const standing = this.#open(text(command.details, 'alert'));
    if (standing.acknowledged) throw new Refusal(`${standing.last!.id} is acknowledged already`);
    if (!isOpen(standing)) throw new Refusal(`${standing.last!.id} is only ${standing.state}`);
    return [this.#say(standing, 'acknowledged', command, 'acknowledged', now), done(command, now)];
  }

  /** On an alert that is open, or that was; it is for the record and ends nothing. */
  #verdict(command: Command, now: number): Done {
    const [id, said] = [text(command.details, 'alert'), text(command.details, 'verdict')];
    if (!(verdicts as readonly string[]).includes(said))
      throw new Refusal(`verdict "${said}" must be one of ${verdicts.join(', ')}`);
    const reason = verdictWords(said);
    const over = this.#closed(id);
    if (!over) return [this.#say(this.#open(id), 'noted', command, reason, now), done(command, now)];
    const [standing, last] = over;
    const time = Math.max(now, standing.time + 1);
    const next: AlertTransition = {
      ...last,
      ...whoSaid(command),
      from: last.to,
      sequence: last.sequence + 1,
      time,
      cause: 'command',
      reason,
      quiet: 'for the record',
    };
    standing.time = time;
    standing.closed = standing.closed.map((each) => (each.id === id ? next : each));
    return [next, done(command, now)];
  }

  /** A warning that should have stood from one time to another, and that nobody was given: for the record. */
  #missed(command: Command, now: number): Done {
    const { rule, key } = this.#levelRule(command);
    const station = text(command.details, 'station');
    const [onset, until] = [time(command.details, 'from'), time(command.details, 'until')];
    if (onset >= until || until > now)
      throw new Refusal(`from ${instant(onset)} until ${instant(until)} is no time that is over`);
    if (!this.#options.desk.applies(rule, station))
      throw new Refusal(`rule ${rule.id} is not for ${station}`);
    const area = this.#options.desk.areaOf(station);
    const id = idOf(rule.id, { area, onset });
    if (this.#known(id)) throw new Refusal(`${id} is recorded already; give it a verdict`);
    const standingKey = `${key}!missed`;
    const standing = this.#options.standings.change(`${standingKey}|${area}`, () =>
      beginStanding(standingKey, area),
    );
    standing.time = Math.max(now, standing.time + 1);
    const missed = { id, area, station, onset, until, time: standing.time, ...whoSaid(command) };
    const transition = missedWarning(rule, missed);
    remember(standing, transition);
    return [transition, done(command, now)];
  }

  /** A change or a silence is no level that somebody could have seen crossed. */
  #levelRule(command: Command): CompiledRule {
    const compiled = this.#rule(command);
    if (compiled.watch || !levelMeasures.includes(principalOf(compiled.rule).measure))
      throw new Refusal(`rule ${compiled.rule.id} is not about a level of a variable`);
    return compiled;
  }

  #silence(command: Command, now: number, of: Silence['of']): Done {
    const { details, author, sequence } = command;
    const [rule, place] = [
      optional(details, 'rule'),
      optional(details, of === 'silence' ? 'place' : 'station'),
    ];
    if (of === 'maintenance' && place === undefined) throw new Refusal('station must be named');
    if (rule !== undefined && ![...this.#options.rules.values()].some((each) => each.rule.id === rule))
      throw new Refusal(`there is no rule ${rule}`);
    const until = time(details, 'until');
    if (until <= now) throw new Refusal(`until ${instant(until)} is over already`);
    const note = text(details, 'note');
    const what = { ...(rule !== undefined && { rule }), ...(place !== undefined && { place }) };
    const silence: Silence = { id: `s${sequence}`, of, ...what, from: now, until, author, note };
    this.#options.silences.change(silence.id, () => silence);
    return [answer(command, now, true, `${of} ${silence.id} until ${instant(until)}`, silence)];
  }

  #unsilence(command: Command, now: number): Done {
    const id = text(command.details, 'silence');
    const silence = this.#options.silences.get(id);
    if (!silence || silence.until <= now) throw new Refusal(`there is no silence ${id} now`);
    this.#options.silences.delete(id);
    return [answer(command, now, true, `${silence.of} ${id} is over`, { ...silence, until: now })];
  }

  /** Through every channel and back: an alert that begins and ends at once, marked as a test. */
  #test(command: Command, now: number): Done {
    const standing = this.#pretend(command, 'test', now);
    const said = pretended(command, standing, this.#rule(command), now);
    return [
      move(standing, 'held', said, now),
      move(standing, 'withdrawn', { ...said, reason: 'the test is over' }, now),
      done(command, now),
    ];
  }

  /** Stands until its time, so that people can train on it. */
  #exercise(command: Command, now: number): Done {
    const until = time(command.details, 'until');
    if (until <= now) throw new Refusal(`until ${instant(until)} is over already`);
    const standing = this.#pretend(command, 'exercise', now);
    if (standing.state !== 'inactive') throw new Refusal(`${standing.last!.id} is an exercise already`);
    standing.until = until;
    const transition = move(standing, 'held', pretended(command, standing, this.#rule(command), now), now);
    this.#options.desk.add(`${standing.key}|${standing.area}`, standing);
    return [transition, done(command, now)];
  }

  #pretend({ details }: Command, mode: 'test' | 'exercise', now: number): Standing {
    const rule = this.#rule({ details });
    const area = text(details, 'area');
    if (!this.#options.desk.applies(rule.rule, area))
      throw new Refusal(`rule ${rule.rule.id} is not for ${area}`);
    const key = `${rule.key}!${mode}`;
    const standing = this.#options.standings.change(`${key}|${area}`, () => beginStanding(key, area));
    if (standing.state === 'inactive')
      Object.assign(standing, { mode, onset: Math.max(now, standing.time + 1), grade: 0 });
    return standing;
  }

  #rule({ details }: Pick<Command, 'details'>): CompiledRule {
    const id = text(details, 'rule');
    const found = [...this.#options.rules.values()].find(({ rule }) => rule.id === id);
    if (!found) throw new Refusal(`there is no rule ${id}`);
    return found;
  }

  #open(id: string): Standing {
    const found = this.#options.desk.active().find(([, { last }]) => last?.id === id);
    if (!found) throw new Refusal(`there is no open alert ${id}; redtide alerts list shows those that are`);
    return found[1];
  }

  #known(id: string): boolean {
    return (
      this.#closed(id) !== undefined || this.#options.desk.active().some(([, { last }]) => last?.id === id)
    );
  }

  #closed(id: string): [Standing, AlertTransition] | undefined {
    for (const [key, standing] of this.#options.standings.entries()) {
      const last = standing.closed.find((each) => each.id === id);
      if (last) return [this.#options.standings.change(key, () => standing), last];
    }
    return undefined;
  }

  #say(standing: Standing, event: Event, command: Command, reason: string, now: number) {
    if (!transitions[standing.state][event])
      throw new Refusal(`${standing.last!.id} is only ${standing.state}`);
    return this.#options.desk.say(standing, event, { reason, ...whoSaid(command) }, now);
  }
}

function pretended(command: Command, { area, mode }: Standing, { rule }: CompiledRule, now: number): Said {
  const { variable, on, level, direction } = principalOf(rule);
  const evidence: Evidence = { on, station: area, variable, value: level, time: now, level, direction };
  const { severity } = rule.grades.at(-1)!;
  const wanted = optional(command.details, 'severity') as (typeof severities)[number] | undefined;
  const reason = `${mode === 'test' ? 'a test' : 'an exercise'}: nothing was measured`;
  const who = { ...whoSaid(command), station: area, stations: [area] };
  const known = wanted && severities.includes(wanted) ? wanted : severity;
  return { rule: rule.id, ...who, reason, severity: known, evidence, more: [] };
}

function whoSaid({ author, details }: Command): { author: string; note?: string } {
  const note = optional(details, 'note');
  return { author, ...(note !== undefined && { note }) };
}

const answer = (
  { action, author }: Command,
  time: number,
  accepted: boolean,
  text: string,
  silence?: Silence,
): OrderAnswer => ({ kind: 'answer', action, author, time, accepted, text, ...(silence && { silence }) });

const done = (command: Command, now: number) => answer(command, now, true, 'done');

function text(details: Details, name: string): string {
  const value = optional(details, name);
  if (value === undefined) throw new Refusal(`${name} is missing`);
  return value;
}

function optional(details: Details, name: string): string | undefined {
  const value = details[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value.trim() === '' || value.length > 1000)
    throw new Refusal(`${name} ${JSON.stringify(value)} must be text of 1 to 1000 characters`);
  return value;
}

/** ISO 8601 with a zone, or ms since the epoch. */
function time(details: Details, name: string): number {
  const value = details[name];
  const ms = typeof value === 'string' && /(Z|[+-]\d\d:?\d\d)$/.test(value) ? Date.parse(value) : value;
  if (typeof ms !== 'number' || !Number.isFinite(ms))
    throw new Refusal(`${name} ${JSON.stringify(value)} must be a time such as 2026-05-01T06:00Z`);
  return ms;
}
