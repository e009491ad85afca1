/**
 * State as bytes: two 32-bit counts, the numbers as 64-bit floats, the names as JSON. Numbers are in the byte order of
 * the machine, which is little-endian wherever Node runs.
 */
export function pack(names: readonly string[], numbers: ArrayLike<number>): Uint8Array {
  const text = Buffer.from(JSON.stringify(names));
  const bytes = new Uint8Array(8 + numbers.length * 8 + text.length);
  new Uint32Array(bytes.buffer, 0, 2).set([numbers.length, text.length]);
  new Float64Array(bytes.buffer, 8, numbers.length).set(numbers);
  bytes.set(text, 8 + numbers.length * 8);
  return bytes;
}

/** @throws when the bytes are not what `pack` made: cut off, or longer. */
export function unpack(bytes: Uint8Array): { names: string[]; numbers: Float64Array } {
  // A copy, since what the database hands over need not begin at a multiple of 8.
  const { buffer } = bytes.slice();
  const [count = 0, length = 0] = bytes.length < 8 ? [] : new Uint32Array(buffer, 0, 2);
  const text = 8 + count * 8;
  if (bytes.length < 8 || bytes.length !== text + length)
    throw new Error(`state of ${bytes.length} bytes is damaged: its counts ask for ${text + length}`);
  const names = JSON.parse(Buffer.from(buffer, text, length).toString()) as string[];
  return { names, numbers: new Float64Array(buffer, 8, count) };
}
