import { uniform } from '../../engine/initial.ts';
import { drawDigit } from './drawn-digits.ts';

export interface MovingDigits {
  /** Height and width of a frame, and of a digit. */
  readonly frame: number;
  readonly digit: number;
  /** Digits in a sequence. */
  readonly count: number;
  /** Frames of a sequence. */
  readonly steps: number;
  /** Pixels a frame, from and below. */
  readonly speed: readonly [number, number];
  /** Different digits that sequences are made of. */
  readonly drawn: number;
  readonly seed: number;
}

/** Moving-MNIST as published, but for the digits. */
export const movingMnist: MovingDigits = {
  ...{ frame: 64, digit: 28, count: 2, steps: 20, speed: [3, 5], drawn: 500, seed: 1 },
};

/**
 * Sequences of digits that drift and bounce, by the program of the first author of ConvLSTM (HKO-7,
 * movingmnist_iterator.py): speed uniform in its range, direction and start uniform; the centre of a digit is reflected
 * where it would come closer to the border than half a digit; the upper left corner is cut to a whole pixel; where
 * digits overlap the brighter one shows. The digits are drawn by us (drawn-digits.ts).
 *
 * Gives the next sequences on each call: [sequences, steps, frame, frame], brightness in [0, 1].
 */
export function movingDigits(options: MovingDigits): (sequences: number) => Float32Array {
  const random = uniform(options.seed);
  const drawn = Array.from({ length: options.drawn }, (_, n) => drawDigit(n % 10, options.digit, random));
  const { frame, steps, count } = options;
  return (sequences) => {
    const out = new Float32Array(sequences * steps * frame * frame);
    for (let n = 0; n < sequences * count; n++) {
      const image = drawn[Math.floor(random() * drawn.length)]!;
      const first = Math.floor(n / count) * steps;
      for (const [t, corner] of path(options, random).entries())
        overlay(out.subarray((first + t) * frame * frame), image, corner, options);
    }
    return out;
  };
}

/** Upper left corners of one digit, [row, column]. */
function path(
  { frame, digit, steps, speed }: MovingDigits,
  random: () => number,
): (readonly [number, number])[] {
  const [low, high] = [digit / 2, frame - digit / 2];
  const magnitude = speed[0] + (speed[1] - speed[0]) * random();
  const angle = 2 * Math.PI * random();
  const velocity = [magnitude * Math.sin(angle), magnitude * Math.cos(angle)];
  const start = [low + (high - low) * random(), low + (high - low) * random()];
  const at = (t: number, axis: number) =>
    Math.trunc(reflected(start[axis]! + velocity[axis]! * t, low, high) - digit / 2);
  return Array.from({ length: steps }, (_, t) => [at(t, 0), at(t, 1)] as const);
}

/** Where a point is that bounces between two walls, given where it would be without them. */
export function reflected(position: number, low: number, high: number): number {
  const span = high - low;
  const within = (((position - low) % (2 * span)) + 2 * span) % (2 * span);
  return low + (within > span ? 2 * span - within : within);
}

function overlay(
  out: Float32Array,
  image: Float32Array,
  [top, left]: readonly [number, number],
  { frame, digit }: MovingDigits,
): void {
  for (let row = 0; row < digit; row++)
    for (let column = 0; column < digit; column++) {
      const place = (top + row) * frame + left + column;
      out[place] = Math.max(out[place]!, image[row * digit + column]!);
    }
}
