/**
 * Topic patterns: MQTT topic filters (MQTT 3.1.1 and 5, clause 4.7) in which a level can also be a name in braces.
 * `buoys/{station}/telemetry` subscribes to `buoys/+/telemetry` and gives `station`.
 */

export type TopicNames = Readonly<Record<string, string>>;

const named = /^\{([A-Za-z][A-Za-z0-9]*)\}$/;

/** What is wrong with a pattern; undefined when it is good. */
export function patternProblem(pattern: string): string | undefined {
  if (pattern === '') return 'a topic must have at least one character (MQTT 4.7.3-1)';
  if (pattern.includes('\0')) return 'a topic cannot hold the character U+0000 (MQTT 4.7.3-2)';
  if (Buffer.byteLength(pattern) > 65_535) return 'a topic is at most 65,535 bytes of UTF-8 (MQTT 4.7.3-3)';
  const levels = pattern.split('/');
  const names = levels.flatMap((level) => named.exec(level)?.[1] ?? []);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) return `{${twice}} stands twice in "${pattern}"`;
  return levels.map((level, at) => levelProblem(level, at === levels.length - 1)).find(Boolean);
}

function levelProblem(level: string, last: boolean): string | undefined {
  if (level === '+' || named.test(level)) return undefined;
  if (level === '#') return last ? undefined : '# can only be the last level (MQTT 4.7.1-2)';
  if (/[#+]/.test(level)) return `"${level}": # and + must stand alone in a level (MQTT 4.7.1-2, 4.7.1-3)`;
  if (/[{}]/.test(level)) return `"${level}": a name in braces must be the whole level, as in {station}`;
  return undefined;
}

/** The MQTT topic filter that covers the pattern. */
export function subscription(pattern: string): string {
  return pattern
    .split('/')
    .map((level) => (named.test(level) ? '+' : level))
    .join('/');
}

/**
 * Compiles a pattern. The answer of a match is what the names stand for, empty where there are none; undefined is
 * no match. A wildcard at the front does not match topics that begin with `$` (MQTT 4.7.2-1), and a named level
 * is never empty, although `+` may be.
 *
 * @throws when `patternProblem` finds one.
 */
export function matcher(pattern: string): (topic: string) => TopicNames | undefined {
  const problem = patternProblem(pattern);
  if (problem) throw new Error(`topic pattern "${pattern}": ${problem}`);
  const levels = pattern.split('/').map((text) => ({ text, name: named.exec(text)?.[1] }));
  const open = levels.at(-1)?.text === '#';
  const fixed = open ? levels.slice(0, -1) : levels;
  const wildAtFront = open && fixed.length === 0 ? true : isWild(levels[0]!);
  return (topic) => {
    if (topic === '' || (wildAtFront && topic.startsWith('$'))) return undefined;
    const given = topic.split('/');
    // `sport/#` matches `sport` itself (clause 4.7.1.2).
    if (open ? given.length < fixed.length : given.length !== fixed.length) return undefined;
    return matchLevels(fixed, given);
  };
}

interface Level {
  readonly text: string;
  readonly name: string | undefined;
}

const isWild = (level: Level) => level.text === '+' || level.name !== undefined;

function matchLevels(levels: readonly Level[], given: readonly string[]): TopicNames | undefined {
  const names: Record<string, string> = {};
  for (let at = 0; at < levels.length; at++) {
    const level = levels[at]!;
    const text = given[at]!;
    if (level.name !== undefined) {
      if (text === '') return undefined;
      names[level.name] = text;
    } else if (level.text !== '+' && level.text !== text) return undefined;
  }
  return names;
}
