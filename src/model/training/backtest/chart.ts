/** Text as it may stand in HTML and SVG, attributes included. */
export const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What is drawn within a chart; coordinates are data. */
export type Mark =
  | {
      readonly kind: 'line';
      readonly x: ArrayLike<number>;
      /** NaN breaks the line. */
      readonly y: ArrayLike<number>;
      readonly colour: string;
      readonly name?: string | undefined;
      readonly thin?: boolean | undefined;
      readonly dots?: boolean | undefined;
    }
  | {
      readonly kind: 'band';
      readonly x: ArrayLike<number>;
      readonly low: ArrayLike<number>;
      readonly high: ArrayLike<number>;
      readonly colour: string;
    };

export interface Chart {
  /** What a person who does not see it is told. */
  readonly title: string;
  readonly x: Span;
  readonly y: Span;
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
  readonly unit: string;
  readonly marks: readonly Mark[];
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

const left = 52;
const right = 12;
const top = 20;
const bottom = 26;

/** A chart as an SVG element, for a page that loads nothing. */
export function svgOf(chart: Chart): string {
  const { width = 900, height = 240 } = chart;
  const at = {
    x: (x: number) => left + ((x - chart.x.from) / (chart.x.to - chart.x.from)) * (width - left - right),
    y: (y: number) =>
      height - bottom - ((y - chart.y.from) / (chart.y.to - chart.y.from)) * (height - top - bottom),
  };
  const rows = roundTicks(chart.y).map(
    (y) =>
      `<path class="grid" d="M${left} ${f(at.y(y))}H${width - right}"/><text class="y" x="${left - 6}" y="${f(at.y(y) + 4)}">${Number(y.toPrecision(6))}</text>`,
  );
  const columns = chart.ticks.map(
    ({ at: x, label }) =>
      `<path class="grid" d="M${f(at.x(x))} ${top}V${height - bottom}"/><text class="x" x="${f(at.x(x))}" y="${height - 8}">${escaped(label)}</text>`,
  );
  const title = escaped(chart.title);
  return `<svg viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-label="${title}"><title>${title}</title>${rows.join('')}${columns.join('')}<text class="unit" x="4" y="11">${escaped(chart.unit)}</text>${chart.marks.map((mark) => drawn(mark, at)).join('')}</svg>`;
}

interface Scale {
  readonly x: (x: number) => number;
  readonly y: (y: number) => number;
}

const f = (pixel: number) => pixel.toFixed(1);

function drawn(mark: Mark, at: Scale): string {
  if (mark.kind === 'band') return band(mark, at);
  const { colour, thin, dots } = mark;
  const points = thinned(mark, at);
  const path = `<path fill="none" stroke="${colour}" stroke-width="${thin ? 1 : 1.6}" d="${points}"/>`;
  const places = Array.from(mark.x, (x, i) => [at.x(x), at.y(mark.y[i]!)] as const);
  const circles = places
    .filter(([, y]) => dots && Number.isFinite(y))
    .map(([x, y]) => `<circle cx="${f(x)}" cy="${f(y)}" r="2.5" fill="${colour}"/>`);
  return path + circles.join('');
}

/** Of many points in one column of pixels the first, the lowest, the highest and the last are enough. */
function thinned({ x, y }: Extract<Mark, { kind: 'line' }>, at: Scale): string {
  const parts: string[] = [];
  let broken = true;
  for (let i = 0; i < x.length; ) {
    if (!Number.isFinite(y[i]!)) {
      broken = true;
      i++;
      continue;
    }
    const column = Math.round(at.x(x[i]!));
    const from = i;
    while (i < x.length && Number.isFinite(y[i]!) && Math.round(at.x(x[i]!)) === column) i++;
    for (const place of extremes(y, from, i)) {
      parts.push(`${broken ? 'M' : 'L'}${f(at.x(x[place]!))} ${f(at.y(y[place]!))}`);
      broken = false;
    }
  }
  return parts.join('');
}

function extremes(y: ArrayLike<number>, from: number, to: number): number[] {
  let [low, high] = [from, from];
  for (let i = from; i < to; i++) {
    if (y[i]! < y[low]!) low = i;
    if (y[i]! > y[high]!) high = i;
  }
  return [...new Set([from, low, high, to - 1])].sort((a, b) => a - b);
}

function band({ x, low, high, colour }: Extract<Mark, { kind: 'band' }>, at: Scale): string {
  const known = Array.from(x, (_, i) => i).filter((i) => Number.isFinite(low[i]! + high[i]!));
  if (known.length === 0) return '';
  const up = known.map((i) => `${f(at.x(x[i]!))} ${f(at.y(high[i]!))}`);
  const down = known.map((i) => `${f(at.x(x[i]!))} ${f(at.y(low[i]!))}`).reverse();
  return `<path fill="${colour}" fill-opacity="0.22" d="M${[...up, ...down].join('L')}Z"/>`;
}

/** From the least to the greatest finite value, with a little room. */
export function spanOfValues(...all: readonly ArrayLike<number>[]): Span {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const values of all)
    for (let i = 0; i < values.length; i++)
      if (Number.isFinite(values[i]!)) [from, to] = [Math.min(from, values[i]!), Math.max(to, values[i]!)];
  if (from > to) return { from: 0, to: 1 };
  const room = 0.04 * (to - from) || 0.5;
  return { from: from - room, to: to + room };
}

/** Three to seven round numbers within a span. */
export function roundTicks({ from, to }: Span): number[] {
  const rough = (to - from) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough)!;
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, i) => (first + i) * step);
}

const day = 86_400_000;

/** At starts of days, no more than fit. */
export function timeTicks(
  { from, to }: Span,
  width = 900,
): { readonly at: number; readonly label: string }[] {
  const step = Math.max(1, Math.ceil((to - from) / day / (width / 100))) * day;
  const first = Math.ceil(from / day) * day;
  const count = Math.max(0, Math.floor((to - first) / step) + 1);
  return Array.from({ length: count }, (_, i) => first + i * step).map((at) => ({
    at,
    label: new Date(at).toISOString().slice(0, 10),
  }));
}
