export interface Parsed {
  readonly measurement: string;
  readonly tags: Record<string, string>;
  readonly fields: Record<string, string | number | boolean | { readonly integer: number }>;
  readonly time: number;
}

/** Line protocol read slowly, one character at a time, as InfluxDB 1.x documents it. */
export function parseLine(line: string): Parsed {
  const [key] = splitAt(line, ' ', false) as [string];
  const [fields, time] = splitAt(line.slice(key.length + 1), ' ', true) as [string, string];
  const [measurement, ...tags] = splitAt(key, ',', false) as [string, ...string[]];
  return {
    measurement: plain(measurement),
    tags: Object.fromEntries(tags.map((tag) => pair(tag).map(plain) as [string, string])),
    fields: Object.fromEntries(
      splitAt(fields, ',', true)
        .map((field) => pair(field))
        .map(([name, value]) => [plain(name), fieldOf(value)]),
    ),
    time: Number(time),
  };
}

/** At separators that are neither escaped nor, where strings may be, within quotes. */
function splitAt(text: string, separator: string, strings: boolean): string[] {
  const parts = [''];
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    const escapes = quoted ? '"\\' : ',= ';
    if (character === '\\' && at + 1 < text.length && escapes.includes(text[at + 1]!)) {
      parts[parts.length - 1] += character + text[++at];
    } else if (character === separator && !quoted) parts.push('');
    else {
      // A quote opens a string only as the first character of a field's value.
      if (character === '"' && strings && (quoted || text[at - 1] === '=')) quoted = !quoted;
      parts[parts.length - 1] += character;
    }
  }
  return parts;
}

function pair(text: string): [string, string] {
  const [name, ...rest] = splitAt(text, '=', false) as [string, ...string[]];
  return [name, rest.join('=')];
}

const plain = (text: string) => text.replace(/\\([,= ])/g, '$1');

function fieldOf(text: string): Parsed['fields'][string] {
  if (text.startsWith('"')) return text.slice(1, -1).replace(/\\(["\\])/g, '$1');
  if (text === 'true' || text === 'false') return text === 'true';
  return text.endsWith('i') ? { integer: Number(text.slice(0, -1)) } : Number(text);
}
