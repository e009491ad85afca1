/**
 * State as bytes: how many numbers and how many bytes of names, then the numbers, all as 64-bit floats, then the names
 * as JSON. Numbers are in the byte order of the machine, which is little-endian wherever Node runs.
 */
export function pack(names: readonly string[], numbers: ArrayLike<number>): Uint8Array {
  return packWith(namesAsBytes(names), numbers.length, (target) => target.set(numbers));
}

export function namesAsBytes(names: readonly string[]): Uint8Array {
  return Buffer.from(JSON.stringify(names));
}

/** The same without a list in between: `fill` puts the numbers in their place. */
export function packWith(names: Uint8Array, count: number, fill: (target: Float64Array) => void): Uint8Array {
  const floats = new Float64Array(2 + count + Math.ceil(names.length / 8));
  floats[0] = count;
  floats[1] = names.length;
  fill(floats.subarray(2, 2 + count));
  const bytes = new Uint8Array(floats.buffer, 0, 16 + 8 * count + names.length);
  bytes.set(names, 16 + 8 * count);
  return bytes;
}

/** @throws when the bytes are not what `pack` made: cut off, or longer. */
export function unpack(bytes: Uint8Array): { names: string[]; numbers: Float64Array } {
  // A copy, since what the database hands over need not begin at a multiple of 8; `slice` of a Buffer is none.
  const { buffer } = new Uint8Array(bytes);
  const [count = 0, length = 0] = bytes.length < 16 ? [] : new Float64Array(buffer, 0, 2);
  const text = 16 + count * 8;
  if (bytes.length < 16 || bytes.length !== text + length)
    throw new Error(`state of ${bytes.length} bytes is damaged: its counts ask for ${text + length}`);
  const names = JSON.parse(Buffer.from(buffer, text, length).toString()) as string[];
  return { names, numbers: new Float64Array(buffer, 16, count) };
}
