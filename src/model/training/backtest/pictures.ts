import { type Chart, type Mark, spanOfValues, svgOf, timeTicks } from './chart.ts';
import type { HorizonReport, TrainingReport, VariableReport } from './report.ts';
import { quantileColumn, type Samples, scoredAt } from './samples.ts';

/** As in the study. */
export const truthColour = '#1f6fb4';
export const forecastColour = '#e8710a';
const others = ['#2f9e44', '#ae3ec9', '#c92a2a', '#0c8599', '#5f3dc4', '#868e96', '#495057'];

/** Colours of the forecasters by their order: the first is orange. */
export const colourOf = (names: readonly string[], name: string): string =>
  names[0] === name ? forecastColour : others[(names.indexOf(name) - 1) % others.length]!;

/** What was measured and what had been forecast for the same steps, over the whole hold-out. */
export function truthAndForecast(samples: Samples, name: string, h: number, unit: string): string {
  const scored = scoredAt(samples, h);
  const point = quantileColumn(scored, scored.said.get(name)!, 0.5);
  const broken = (values: ArrayLike<number>) => withGaps(scored.times, values, 2 * samples.step);
  const [truth, forecast] = [broken(scored.truth), broken(point)];
  return timeChart(
    `${samples.station}, ${samples.variable}: measured, and forecast by ${name} ${samples.horizons[h]} steps ahead`,
    unit,
    [
      { kind: 'line', ...truth, colour: truthColour },
      { kind: 'line', ...forecast, colour: forecastColour, thin: true },
    ],
  );
}

/** A NaN after each value that is followed by none for longer than `gap`. */
function withGaps(times: ArrayLike<number>, values: ArrayLike<number>, gap: number) {
  const x: number[] = [];
  const y: number[] = [];
  for (let i = 0; i < times.length; i++) {
    if (i > 0 && times[i]! - times[i - 1]! > gap) {
      x.push(times[i - 1]! + 1);
      y.push(Number.NaN);
    }
    x.push(times[i]!);
    y.push(values[i]!);
  }
  return { x, y };
}

function timeChart(title: string, unit: string, marks: readonly Mark[], size: Partial<Chart> = {}): string {
  const x = { from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY };
  for (const mark of marks)
    for (let i = 0; i < mark.x.length; i++) {
      x.from = Math.min(x.from, mark.x[i]!);
      x.to = Math.max(x.to, mark.x[i]!);
    }
  if (x.from >= x.to) return '<p>too few values for a plot</p>';
  const y = spanOfValues(
    ...marks.flatMap((mark) => (mark.kind === 'line' ? [mark.y] : [mark.low, mark.high])),
  );
  return svgOf({ title, unit, x, y, ticks: timeTicks(x, size.width), marks, ...size });
}

/** Skill over persistence, one line a forecaster; the networks' with their 95 % intervals. */
export function skillByHorizon(
  report: VariableReport,
  names: readonly string[],
  networks: readonly string[],
): string {
  const { horizons } = report;
  const x = horizons.map((_, i) => i);
  const skills = (name: string, of: 'value' | 'low' | 'high') =>
    horizons.map(({ forecasters }) => forecasters[name]?.skill['persistence']?.[of] ?? Number.NaN);
  const shown = names.filter((name) => name !== 'persistence');
  // What loses by far would flatten all the rest.
  const clipped = (values: readonly number[]) => values.map((value) => (value < -1 ? Number.NaN : value));
  const marks = shown.flatMap((name): Mark[] => {
    const colour = colourOf(names, name);
    const line: Mark = { kind: 'line', x, y: clipped(skills(name, 'value')), colour, dots: true };
    const band: Mark = {
      kind: 'band',
      x,
      low: clipped(skills(name, 'low')),
      high: clipped(skills(name, 'high')),
      colour,
    };
    return networks.includes(name) ? [band, line] : [{ ...line, thin: true }];
  });
  const zero: Mark = { kind: 'line', x: [-0.3, x.length - 0.7], y: [0, 0], colour: '#212529', thin: true };
  return svgOf({
    title: `${report.station}, ${report.variable}: skill over persistence by horizon`,
    unit: 'skill',
    x: { from: -0.3, to: x.length - 0.7 },
    y: spanOfValues(
      [-0.1, 0.1],
      ...marks.flatMap((mark) => (mark.kind === 'line' ? [mark.y] : [mark.low, mark.high])),
    ),
    ticks: horizons.map(({ horizon }, i) => ({ at: i, label: `${horizon}` })),
    marks: [zero, ...marks],
    width: 560,
  });
}

/** How often the truth lay at or below each quantile, against how often it should; one line a horizon. */
export function reliability(
  horizons: readonly HorizonReport[],
  levels: readonly number[],
  name: string,
): string {
  const marks = horizons.map(({ forecasters }, i): Mark => {
    const y = (forecasters[name]?.below ?? []).map((share) => share ?? Number.NaN);
    return { kind: 'line', x: levels, y, colour: shade(i / Math.max(1, horizons.length - 1)), dots: true };
  });
  return svgOf({
    title: `${name}: share of truths at or below each quantile, by its level`,
    unit: 'observed',
    x: { from: 0, to: 1 },
    y: { from: 0, to: 1 },
    ticks: [0, 0.25, 0.5, 0.75, 1].map((at) => ({ at, label: `${at}` })),
    marks: [{ kind: 'line', x: [0, 1], y: [0, 1], colour: '#212529', thin: true }, ...marks],
    width: 320,
    height: 300,
  });
}

/** From light to dark orange. */
const shade = (share: number) => `hsl(${34 - 14 * share} 90% ${70 - 40 * share}%)`;

/** A day and a half: two worst hours of one storm are one miss. */
const apart = 36 * 3_600_000;
const around = 4 * 86_400_000;

/** The largest errors at one horizon, each with what was forecast from that window at every horizon. */
export function worstMisses(samples: Samples, name: string, h: number, unit: string, count = 3): string[] {
  const { horizons, levels, truth, issuedAt } = samples;
  const own = samples.said.get(name)!;
  const said = (i: number, other: number, level: number) =>
    own[(i * horizons.length + other) * levels.length + levels.indexOf(level)]!;
  const error = (i: number) => Math.abs(truth[i * horizons.length + h]! - said(i, h, 0.5));
  const order = Array.from(issuedAt.keys())
    .filter((i) => Number.isFinite(error(i)))
    .sort((a, b) => error(b) - error(a) || a - b);
  const worst: number[] = [];
  for (const i of order) {
    if (worst.length === count) break;
    if (worst.every((other) => Math.abs(issuedAt[i]! - issuedAt[other]!) > apart)) worst.push(i);
  }
  return worst.map((i) => {
    const x = horizons.map((horizon) => issuedAt[i]! + (horizon - 1) * samples.step);
    const row = (level: number) => horizons.map((_, other) => said(i, other, level));
    return timeChart(
      `${samples.station}, ${samples.variable}: forecast by ${name} issued ${new Date(issuedAt[i]!).toISOString()}, ${error(i).toPrecision(3)} ${unit} off after ${horizons[h]} steps`,
      unit,
      [
        { kind: 'band', x, low: row(0.1), high: row(0.9), colour: forecastColour },
        { kind: 'line', ...measuredAround(samples, issuedAt[i]!), colour: truthColour },
        { kind: 'line', x, y: row(0.5), colour: forecastColour, dots: true },
      ],
      { width: 440, height: 200 },
    );
  });
}

function measuredAround({ issuedAt, now, step }: Samples, time: number) {
  const near = Array.from(issuedAt.keys()).filter((i) => Math.abs(issuedAt[i]! - time) < around);
  return withGaps(
    near.map((i) => issuedAt[i]! - step),
    near.map((i) => now[i]!),
    2 * step,
  );
}

/** The loss of every epoch, by network. */
export function losses(training: readonly TrainingReport[], names: readonly string[]): string {
  const drawn = training.filter((one) => one.losses.length > 1);
  if (drawn.length === 0) return '';
  const epochs = Math.max(...drawn.map((one) => one.losses.length));
  const logs = drawn.map((one) => one.losses.map((loss) => Math.log10(loss)));
  const marks = drawn.map(
    (one, i): Mark => ({
      kind: 'line',
      x: one.losses.map((_, epoch) => epoch + 1),
      y: logs[i]!,
      colour: colourOf(names, one.network),
    }),
  );
  const step = Math.max(1, Math.ceil(epochs / 8));
  return svgOf({
    title: `${drawn[0]!.variable}: loss of every epoch`,
    unit: 'log10 loss',
    x: { from: 1, to: epochs },
    y: spanOfValues(...logs),
    ticks: Array.from({ length: Math.floor(epochs / step) }, (_, i) => ({
      at: (i + 1) * step,
      label: `${(i + 1) * step}`,
    })),
    marks,
    width: 440,
    height: 200,
  });
}
