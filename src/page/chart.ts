import type uPlotClass from 'uplot';
import type { Drawn, Foretold } from '../dashboard/history.ts';
import type { ForecastStatus } from '../dashboard/status.ts';
import { element } from './element.ts';
import { current, instant, say } from './settings.ts';

declare const uPlot: typeof uPlotClass;

/** What lies in one picture; times are ms since the epoch. */
export interface Picture {
  readonly unit: string;
  readonly observed: Drawn;
  /** What was foretold before, where that is shown. */
  readonly earlier: Foretold | undefined;
  /** The newest forecast. */
  readonly ahead: ForecastStatus | undefined;
}

const colours = { truth: '#2b6cb0', forecast: '#dd6b20' } as const;

type Column = (number | null)[];
interface Columns {
  readonly time: number[];
  readonly series: Record<'mean' | 'low' | 'high' | 'before' | 'median' | 'bottom' | 'top', Column>;
}

/** Truth blue, forecast orange, as in the study; uncertainty as bands. */
export function chart(place: HTMLElement, picture: Picture): () => void {
  const { time, series } = columnsOf(picture);
  const data = [
    time,
    series.mean,
    series.low,
    series.high,
    series.before,
    series.median,
    series.bottom,
    series.top,
  ];
  const style = getComputedStyle(document.documentElement);
  const soft = style.getPropertyValue('--soft').trim();
  const line = style.getPropertyValue('--line').trim();
  const axis = { stroke: soft, grid: { stroke: line, width: 1 }, ticks: { stroke: line } };
  const plain = { points: { show: false }, spanGaps: false };
  const edge = (stroke: string) => ({ ...plain, stroke, width: 0, label: '' });
  const options: uPlotClass.Options = {
    width: place.clientWidth || 600,
    height: 320,
    // The status says times in ms; uPlot's own unit is the second.
    ms: 1,
    tzDate: (at) => (current().zone === 'utc' ? uPlot.tzDate(new Date(at), 'Etc/UTC') : new Date(at)),
    legend: { show: false },
    axes: [
      { ...axis, values: ticks },
      { ...axis, label: picture.unit, size: 60 },
    ],
    series: [
      {},
      { ...plain, label: say('observed'), stroke: colours.truth, width: 2 },
      edge('transparent'),
      edge('transparent'),
      { ...plain, label: say('earlier'), stroke: colours.forecast, width: 1, dash: [4, 4], spanGaps: true },
      {
        ...plain,
        label: say('forecast'),
        stroke: colours.forecast,
        width: 2,
        spanGaps: true,
        points: { show: true, size: 5 },
      },
      { ...edge('transparent'), spanGaps: true },
      { ...edge('transparent'), spanGaps: true },
    ],
    bands: [
      { series: [3, 2], fill: `${colours.truth}22` },
      { series: [7, 6], fill: `${colours.forecast}33` },
    ],
  };
  const drawn = new uPlot(options, data as uPlotClass.AlignedData, place);
  const resize = new ResizeObserver(() => drawn.setSize({ width: place.clientWidth, height: 320 }));
  resize.observe(place);
  return () => {
    resize.disconnect();
    drawn.destroy();
  };
}

/** Ticks as ISO 8601 says times of day; the date stands below where it is another than at the tick before. */
function ticks(_: uPlotClass, at: readonly number[]): string[] {
  const days = (at[1] ?? 0) - (at[0] ?? 0) >= 86_400_000;
  const texts = at.map((time) => instant(time));
  return texts.map((text, i) => {
    const day = text.slice(0, 10);
    if (days)
      return texts[i - 1]?.slice(0, 4) === day.slice(0, 4)
        ? day.slice(5)
        : `${day.slice(5)}\n${day.slice(0, 4)}`;
    return texts[i - 1]?.slice(0, 10) === day ? text.slice(11, 16) : `${text.slice(11, 16)}\n${day}`;
  });
}

/** All columns on one rising axis of time; null where a series has no value, so that gaps stay gaps. */
function columnsOf({ observed, earlier, ahead }: Picture): Columns {
  const rows = new Map<number, Partial<Record<keyof Columns['series'], number>>>();
  const put = (at: number, values: Partial<Record<keyof Columns['series'], number>>) =>
    rows.set(at, { ...rows.get(at), ...values });
  observed.time.forEach((at, i) => {
    put(at, { mean: observed.mean[i]!, low: observed.low[i]!, high: observed.high[i]! });
  });
  for (const at of gapsOf(observed.time)) put(at, {});
  earlier?.time.forEach((at, i) => {
    put(at, { before: earlier.median[i]! });
  });
  ahead?.horizons.forEach((horizon, i) => {
    const at = ahead.issuedAt + (horizon - 0.5) * ahead.step;
    const [bottom, top] = [ahead.low?.[i], ahead.high?.[i]];
    put(at, { median: ahead.medians[i]!, ...(bottom !== undefined && { bottom, top: top! }) });
  });
  const sorted = [...rows].sort(([a], [b]) => a - b);
  const column = (name: keyof Columns['series']) => sorted.map(([, row]) => row[name] ?? null);
  return {
    time: sorted.map(([at]) => at),
    series: {
      mean: column('mean'),
      low: column('low'),
      high: column('high'),
      before: column('before'),
      median: column('median'),
      bottom: column('bottom'),
      top: column('top'),
    },
  };
}

/** An instant within each hole of more than four times the usual distance: a line across it would be a lie. */
function gapsOf(time: readonly number[]): number[] {
  const distances = time.slice(1).map((at, i) => at - time[i]!);
  const usual = [...distances].sort((a, b) => a - b)[Math.floor(distances.length / 2)] ?? 0;
  return distances.flatMap((distance, i) => (distance > 4 * usual ? [time[i]! + distance / 2] : []));
}

/** What the colours mean, in words: the canvas says nothing to a screen reader. */
export function legend(horizon: number | undefined): HTMLElement {
  const key = (name: string, text: string) =>
    element('li', {}, element('span', { class: `key ${name}` }), text);
  return element(
    'ul',
    { class: 'legend' },
    key('truth', say('observed')),
    key('ahead', `${say('forecast')}, ${say('interval')}`),
    horizon !== undefined && key('before', `${say('earlier')} (${horizon} ${say('horizon')})`),
  );
}
