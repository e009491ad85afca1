import { type Curve, forecastPicture } from '../picture/forecast-picture.ts';
import type { Chart } from './chart.ts';
import type { AlertMessage } from './message.ts';

/** The chart of a message as SVG, marked where it is not real; undefined where there is nothing to draw. */
export function chartPicture(message: AlertMessage): string | undefined {
  return message.chart && forecastPicture(curveOf(message, message.chart));
}

function curveOf({ evidence, where, mode, what }: AlertMessage, chart: Chart): Curve {
  const { title = evidence.variable, level, direction = 'beyond', unit = '' } = evidence;
  const place = where.name ? `${where.name} (${where.station})` : where.station;
  return {
    title: `${title} at ${place}`,
    subtitle: mode === 'actual' ? undefined : `${mode.toUpperCase()}: this is not a real event`,
    unit,
    observed: withGaps(chart),
    forecast: chart.forecast.map((point) => ({ ...point, time: Date.parse(point.time) })),
    coverage: chart.coverage,
    issuedAt: chart.issuedAt === undefined ? undefined : Date.parse(chart.issuedAt),
    levels: [
      ...(level === undefined ? [] : [{ value: level, name: `alert ${direction} ${level}` }]),
      ...(what.clear === undefined || what.clear === level
        ? []
        : [{ value: what.clear, name: `over at ${what.clear}` }]),
    ],
  };
}

/** A step that was not measured breaks the line, instead of being bridged by it. */
function withGaps({ observed, step }: Chart): Curve['observed'] {
  return observed.flatMap(({ time, value }, i) => {
    const at = Date.parse(time);
    const before = observed[i - 1];
    const gap = before && at - Date.parse(before.time) > step;
    return gap
      ? [
          { time: at - step, value: Number.NaN },
          { time: at, value },
        ]
      : [{ time: at, value }];
  });
}
