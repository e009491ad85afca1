import { roundTicks, type Scale, scale, timeTicks } from './scale.ts';
import { element, label, path } from './svg.ts';

/** What was measured and what is forecast of one variable at one place. Times in ms since the epoch. */
export interface Curve {
  readonly title: string;
  /** Below the title; `EXERCISE`, say. */
  readonly subtitle?: string | undefined;
  readonly unit: string;
  /** In order of time; NaN where nothing was measured, which breaks the line. */
  readonly observed: readonly { readonly time: number; readonly value: number }[];
  /** Absent or empty where nothing could be forecast. */
  readonly forecast?: readonly ForecastPoint[] | undefined;
  /** Share of outcomes that the interval is to cover, 0 to 1. */
  readonly coverage?: number | undefined;
  /** Between what was known and what was not. */
  readonly issuedAt?: number | undefined;
  /** Dashed lines across, such as the level that raises an alert. */
  readonly levels?: readonly { readonly value: number; readonly name: string }[] | undefined;
  /** Pixels. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

export interface ForecastPoint {
  readonly time: number;
  readonly median: number;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
}

export const colours = {
  truth: '#1f66b0',
  forecast: '#e07b1a',
  level: '#b3261e',
  line: '#5b6470',
  grid: '#e2e6ea',
  text: '#1c2127',
  paper: '#ffffff',
} as const;

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly x: Scale;
  readonly y: Scale;
}

/**
 * The curve as SVG 1.1: what was measured in blue, the forecast in orange with its interval shaded, levels dashed.
 * Pure: the same curve is the same text.
 */
export function forecastPicture(curve: Curve): string {
  const frame = frameOf(curve);
  const parts = [
    element('rect', { width: frame.width, height: frame.height, fill: colours.paper }),
    ...axes(frame, curve),
    interval(frame, curve.forecast ?? []),
    issued(frame, curve),
    ...levels(frame, curve),
    ...lines(frame, curve),
    ...titles(frame, curve),
  ];
  const { width, height } = frame;
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
  };
  return element('svg', { ...attributes, 'font-family': 'DejaVu Sans', 'font-size': 12 }, parts.join(''));
}

function frameOf(curve: Curve): Frame {
  const { width = 720, height = 360 } = curve;
  const sides = { left: 58, right: width - 18, top: 68, bottom: height - 58 };
  const [from, to] = timesOf(curve);
  const [low, high] = valuesOf(curve);
  return {
    width,
    height,
    ...sides,
    x: scale([from, to], [sides.left, sides.right], timeTicks(from, to)),
    y: scale([low, high], [sides.bottom, sides.top], roundTicks(low, high)),
  };
}

function timesOf({ observed, forecast = [], issuedAt }: Curve): [number, number] {
  const times = [...observed, ...forecast].map(({ time }) => time);
  if (issuedAt !== undefined) times.push(issuedAt);
  if (times.length === 0) return [0, 3_600_000];
  const from = Math.min(...times);
  return [from, Math.max(...times, from + 3_600_000)];
}

/** All that is drawn, with a tenth of it as air above and below; from 0 where it comes near. */
function valuesOf({ observed, forecast = [], levels = [] }: Curve): [number, number] {
  const values = [
    ...observed.map(({ value }) => value),
    ...forecast.flatMap(({ median, low = median, high = median }) => [median, low, high]),
    ...levels.map(({ value }) => value),
  ].filter(Number.isFinite);
  if (values.length === 0) return [0, 1];
  const low = Math.min(...values);
  const high = Math.max(...values);
  const air = (high - low || Math.abs(high) || 1) / 10;
  return [low >= 0 && low - 3 * air < 0 ? 0 : low - air, high + air];
}

function axes({ left, right, top, bottom, x, y }: Frame, { unit }: Curve): string[] {
  const rows = y.ticks.flatMap((tick) => [
    element('line', { x1: left, x2: right, y1: y(tick), y2: y(tick), stroke: colours.grid }),
    label(left - 6, y(tick) + 4, String(tick), { 'text-anchor': 'end', fill: colours.text }),
  ]);
  const columns = x.ticks.flatMap((tick) => [
    element('line', { x1: x(tick), x2: x(tick), y1: bottom, y2: bottom + 5, stroke: colours.line }),
    label(x(tick), bottom + 18, clock(tick), { 'text-anchor': 'middle', fill: colours.text }),
  ]);
  return [
    ...rows,
    ...columns,
    element('line', { x1: left, x2: right, y1: bottom, y2: bottom, stroke: colours.line }),
    label(left, top - 8, unit, { fill: colours.line }),
  ];
}

/** `03-01 06:00`, UTC. */
const clock = (time: number) => new Date(time).toISOString().slice(5, 16).replace('T', ' ');

function interval({ x, y }: Frame, forecast: readonly ForecastPoint[]): string {
  const known = forecast.filter(({ low, high }) => Number.isFinite(low) && Number.isFinite(high));
  if (known.length === 0) return '';
  const upper = known.map(({ time, high }) => [x(time), y(high!)] as const);
  const lower = known.map(({ time, low }) => [x(time), y(low!)] as const).reverse();
  const shade = { fill: colours.forecast, 'fill-opacity': '0.22', stroke: 'none' };
  if (known.length > 1) return element('path', { d: `${path([...upper, ...lower])}Z`, ...shade });
  const [[at, high], [, low]] = [upper[0]!, lower[0]!];
  return element('rect', { x: at - 4, y: high, width: 8, height: Math.max(low - high, 1), ...shade });
}

function issued({ x, top, bottom }: Frame, { issuedAt }: Curve): string {
  if (issuedAt === undefined) return '';
  const at = x(issuedAt);
  return element('line', {
    x1: at,
    x2: at,
    y1: top,
    y2: bottom,
    stroke: colours.line,
    'stroke-dasharray': '2 3',
  });
}

function levels({ left, right, y }: Frame, { levels = [] }: Curve): string[] {
  return levels.flatMap(({ value, name }) => [
    element('line', {
      x1: left,
      x2: right,
      y1: y(value),
      y2: y(value),
      stroke: colours.level,
      'stroke-dasharray': '7 4',
    }),
    label(left + 6, y(value) - 5, name, { fill: colours.level }),
  ]);
}

function lines({ x, y }: Frame, { observed, forecast = [] }: Curve): string[] {
  const measured = observed.map(({ time, value }) => [x(time), y(value)] as const);
  const ahead = forecast.map(({ time, median }) => [x(time), y(median)] as const);
  const stroke = { fill: 'none', 'stroke-width': 2, 'stroke-linejoin': 'round' };
  return [
    element('path', { d: path(measured), stroke: colours.truth, ...stroke }),
    ...dots(measured, colours.truth, 1.6),
    element('path', { d: path(ahead), stroke: colours.forecast, ...stroke }),
    ...dots(ahead, colours.forecast, 3),
  ];
}

/** So that a single value between two gaps is seen. */
function dots(points: readonly (readonly [number, number])[], fill: string, r: number): string[] {
  return points
    .filter(([, y]) => Number.isFinite(y))
    .map(([cx, cy]) => element('circle', { cx, cy, r, fill }));
}

function titles(
  { left, right, height }: Frame,
  { title, subtitle, forecast = [], coverage }: Curve,
): string[] {
  const share = coverage === undefined ? '' : `, ${Math.round(coverage * 100)} % interval shaded`;
  const keys = [
    { name: 'measured', fill: colours.truth },
    { name: forecast.length > 0 ? `forecast${share}` : 'no forecast', fill: colours.forecast },
  ];
  return [
    label(left, 22, title, { 'font-size': 15, 'font-weight': 'bold', fill: colours.text }),
    ...(subtitle ? [label(left, 40, subtitle, { fill: colours.line })] : []),
    ...keys.flatMap(({ name, fill }, i) => [
      element('rect', { x: left + 130 * i, y: height - 19, width: 14, height: 4, fill }),
      label(left + 130 * i + 20, height - 13, name, { fill: colours.text }),
    ]),
    label(right, height - 13, 'times in UTC', { 'text-anchor': 'end', fill: colours.line }),
  ];
}
