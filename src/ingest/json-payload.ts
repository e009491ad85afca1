import { show, Undecodable } from './observation.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * @throws {Undecodable} for what is not UTF-8 or not JSON (RFC 8259), or is nested deeper than `depth`.
 */
export function parseJson(payload: Uint8Array, depth: number): unknown {
  if (nesting(payload) > depth) throw new Undecodable(`nested deeper than ${depth} levels`, 'too-large');
  try {
    return JSON.parse(utf8.decode(payload));
  } catch (error) {
    throw new Undecodable(`not JSON: ${(error as Error).message.slice(0, 120)}`);
  }
}

/** @throws {Undecodable} for what is not UTF-8. */
export function parseText(payload: Uint8Array): string {
  try {
    return utf8.decode(payload);
  } catch {
    throw new Undecodable('not UTF-8 text');
  }
}

/** The deepest nesting of arrays and objects, without parsing: brackets outside of strings are counted. */
export function nesting(payload: Uint8Array): number {
  let depth = 0;
  let deepest = 0;
  let inText = false;
  for (let at = 0; at < payload.length; at++) {
    const byte = payload[at];
    if (inText) {
      if (byte === 0x5c) at++;
      else if (byte === 0x22) inText = false;
    } else if (byte === 0x22) inText = true;
    else if (byte === 0x5b || byte === 0x7b) deepest = Math.max(deepest, ++depth);
    else if (byte === 0x5d || byte === 0x7d) depth--;
  }
  return deepest;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object's own member; `constructor` and the like are not there unless the payload has them. */
export function member(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/**
 * Compiles an RFC 6901 pointer. Resolving never throws: what is not there is undefined.
 *
 * @throws for text that is no pointer.
 */
export function pointer(text: string): (root: unknown) => unknown {
  if (text !== '' && !text.startsWith('/'))
    throw new Error(`${show(text)} is no JSON pointer: it must be empty or begin with / (RFC 6901)`);
  if (/~(?![01])/.test(text)) throw new Error(`${show(text)}: ~ must be written ~0 and / ~1 (RFC 6901)`);
  const tokens = text
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  return (root) => tokens.reduce(step, root);
}

function step(value: unknown, token: string): unknown {
  if (Array.isArray(value)) return /^(?:0|[1-9]\d{0,8})$/.test(token) ? value[Number(token)] : undefined;
  return isObject(value) ? member(value, token) : undefined;
}
