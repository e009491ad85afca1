import { isObject, member } from './json-payload.ts';
import { show, Undecodable } from './observation.ts';

const words: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  ['online', true],
  ['connected', true],
  ['true', true],
  ['1', true],
  [true, true],
  [1, true],
  ['offline', false],
  ['disconnected', false],
  ['false', false],
  ['0', false],
  [false, false],
  [0, false],
]);
const members = ['online', 'state', 'status'];

/**
 * Whether a gateway is connected, as its presence or last will says: a word (`online`, `offline`, `connected`,
 * `disconnected`, `true`, `false`, `1`, `0`), or JSON with one of them in `online`, `state` or `status`.
 *
 * @throws {Undecodable} for all else.
 */
export function presenceOf(text: string): boolean {
  const said = text.trim();
  const value = words.get(said.toLowerCase()) ?? words.get(within(said));
  if (value === undefined) throw new Undecodable(`${show(said)} does not say whether somebody is online`);
  return value;
}

function within(text: string): unknown {
  if (!text.startsWith('{') || text.length > 4096) return undefined;
  try {
    const body: unknown = JSON.parse(text);
    const value = isObject(body)
      ? members.map((name) => member(body, name)).find((one) => one !== undefined)
      : undefined;
    return typeof value === 'string' ? value.toLowerCase() : value;
  } catch {
    return undefined;
  }
}
