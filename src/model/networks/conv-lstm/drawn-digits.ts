type Point = readonly [x: number, y: number];

const turn = 2 * Math.PI;

/** Points on an ellipse, from one angle to another, in turns clockwise from the right. */
const arc = (x: number, y: number, rx: number, ry: number, from: number, to: number): Point[] =>
  Array.from({ length: 13 }, (_, n) => {
    const angle = turn * (from + ((to - from) * n) / 12);
    return [x + rx * Math.cos(angle), y + ry * Math.sin(angle)];
  });

/** The lines of each digit in a square of 1 by 1, y down. Drawn by us: no digit of MNIST is in this project. */
const digits: readonly (readonly (readonly Point[])[])[] = [
  [arc(0.5, 0.5, 0.22, 0.34, 0, 1)],
  [[at(0.38, 0.28), at(0.52, 0.16), at(0.52, 0.84)]],
  [[...arc(0.5, 0.34, 0.2, 0.18, 0.55, 1.1), at(0.3, 0.84), at(0.72, 0.84)]],
  [arc(0.47, 0.33, 0.2, 0.17, 0.6, 1.25), arc(0.47, 0.67, 0.22, 0.17, 0.75, 1.4)],
  [[at(0.6, 0.84), at(0.6, 0.16), at(0.28, 0.62), at(0.74, 0.62)]],
  [[at(0.7, 0.16), at(0.36, 0.16), at(0.33, 0.46), ...arc(0.48, 0.63, 0.22, 0.2, 0.65, 1.4)]],
  [[at(0.62, 0.15), at(0.4, 0.4), ...arc(0.5, 0.65, 0.2, 0.19, 0.5, 1.5)]],
  [[at(0.28, 0.18), at(0.72, 0.18), at(0.44, 0.84)]],
  [arc(0.5, 0.32, 0.17, 0.16, 0, 1), arc(0.5, 0.66, 0.21, 0.18, 0, 1)],
  [[...arc(0.5, 0.34, 0.19, 0.18, 0, 1), at(0.66, 0.6), at(0.56, 0.85)]],
];

function at(x: number, y: number): Point {
  return [x, y];
}

/**
 * One digit, written with a hand of its own: slanted, turned, larger or smaller, thick or thin. Brightness in [0, 1],
 * size x size, rows first.
 */
export function drawDigit(digit: number, size: number, random: () => number): Float32Array {
  const between = (low: number, high: number) => low + (high - low) * random();
  const [slant, angle] = [between(-0.25, 0.25), between(-0.2, 0.2)];
  const [wide, high, thickness] = [between(0.8, 1.1), between(0.85, 1.08), between(0.035, 0.06)];
  const move = ([x, y]: Point): Point => {
    const [dx, dy] = [(x - 0.5) * wide - slant * (y - 0.5), (y - 0.5) * high];
    return [
      0.5 + dx * Math.cos(angle) - dy * Math.sin(angle),
      0.5 + dx * Math.sin(angle) + dy * Math.cos(angle),
    ];
  };
  const lines = digits[digit]!.map((line) => line.map(move));
  return Float32Array.from({ length: size * size }, (_, n) => {
    const place: Point = [((n % size) + 0.5) / size, (Math.floor(n / size) + 0.5) / size];
    const far = Math.min(...lines.map((line) => distance(place, line)));
    // An edge of one pixel.
    return Math.min(1, Math.max(0, (thickness - far) * size + 0.5));
  });
}

const distance = (place: Point, line: readonly Point[]) =>
  Math.min(...line.slice(1).map((end, n) => toSegment(place, line[n]!, end)));

function toSegment([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const [dx, dy] = [bx - ax, by - ay];
  const along = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1);
  const share = Math.min(1, Math.max(0, along));
  return Math.hypot(x - ax - share * dx, y - ay - share * dy);
}
