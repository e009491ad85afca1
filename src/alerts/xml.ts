import { escaped } from '../picture/svg.ts';

type Attributes = Readonly<Record<string, string>>;

/** An element with text; nothing where there is none to say. */
export function tag(name: string, text: string | number | undefined, attributes: Attributes = {}): string {
  return text === undefined || text === '' ? '' : wrapped(name, escaped(String(text)), attributes);
}

/** An element with elements, each on its own line. */
export function nest(name: string, children: readonly string[], attributes: Attributes = {}): string {
  const inner = children.filter((child) => child !== '').join('\n');
  return wrapped(name, `\n${inner}\n`, attributes);
}

function wrapped(name: string, content: string, attributes: Attributes): string {
  const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(value)}"`);
  return `<${name}${given.join('')}>${content}</${name}>`;
}
