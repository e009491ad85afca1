/**
 * When to warn, in the one form there is: a level that a value crosses, and another that ends it. Between the two
 * nothing changes (hysteresis), so that a value that wavers about the level does not raise and end alerts in turn.
 */
export interface Rule {
  readonly id: string;
  /** Name from the table of variables; `level` and `clear` are in its unit. */
  readonly variable: string;
  /** Judged against step means, or against the median of a forecast at any horizon. */
  readonly on: 'observed' | 'forecast';
  readonly stations: '*' | readonly string[];
  readonly direction: 'above' | 'below';
  /** Crossed strictly beyond it. */
  readonly level: number;
  /** Clear at it or beyond, on the other side: not above `level` for direction above, not below it for below. */
  readonly clear: number;
  /**
   * ms of event time from the first crossing evidence to the newest before the alert fires; 0 fires at once. An
   * observed step covers its own length: two steps of 1 h have held for 2 h. A forecast covers no time.
   */
  readonly for: number;
  readonly severity: 'info' | 'warning' | 'critical';
  /** What it means, for people: "bloom conditions", never a species; a buoy sees none. */
  readonly text: string;
  /** Where the levels come from. */
  readonly provenance?: string | undefined;
}

export function appliesTo(rule: Rule, station: string): boolean {
  return rule.stations === '*' || rule.stations.includes(station);
}

/** What is wrong with the rules, one line per fault with the values at fault; none when they can be used. */
export function ruleFaults(rules: readonly Rule[]): string[] {
  const repeated = rules.filter((rule, i) => rules.findIndex(({ id }) => id === rule.id) < i);
  return [
    ...rules.flatMap(faultsOf),
    ...repeated.map(({ id }) => `rule ${id}: the id is used twice; give each rule its own`),
  ];
}

function faultsOf(rule: Rule): string[] {
  const faults: string[] = [];
  const { level, clear, direction } = rule;
  if (!Number.isFinite(level) || !Number.isFinite(clear))
    faults.push(`level ${level} and clear ${clear} must both be finite numbers`);
  else if (direction === 'above' ? clear > level : clear < level)
    faults.push(
      `clear ${clear} is on the wrong side of level ${level}: for direction ${direction} it must be ` +
        `${direction === 'above' ? 'at or below' : 'at or above'} the level`,
    );
  if (!(rule.for >= 0)) faults.push(`for ${rule.for} must be 0 ms or more`);
  if (rule.stations !== '*' && rule.stations.length === 0)
    faults.push("stations [] names none; name some, or write '*' for all");
  return faults.map((fault) => `rule ${rule.id}: ${fault}`);
}
