/**
 * Squares of side x side pixels become the channels of one place: frames [n, size, size] to
 * [n, size / side, size / side, side * side].
 */
export function toPatches(frames: Float32Array, size: number, side: number): Float32Array {
  const places = size / side;
  const [row, patch] = [places * side * side, side * side];
  const out = new Float32Array(frames.length);
  for (let n = 0; n < frames.length; n++) {
    const [y, x] = [Math.floor(n / size), n % size];
    const place = Math.floor(y / side) * row + Math.floor(x / side) * patch;
    out[place + (y % side) * side + (x % side)] = frames[n]!;
  }
  return out;
}
