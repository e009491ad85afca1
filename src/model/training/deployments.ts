import { between, type Series } from './dataset.ts';

/**
 * Cuts the series of a station where a calibration broke its history. What lies before a break is another deployment,
 * and for training another station, with a scale of its own: no window reaches over the break. The last one keeps the
 * station's name; the others have it with the time of their end, `B01@2026-03-01T00:00:00.000Z`.
 */
export function deploymentsOf(
  all: readonly Series[],
  breaksOf: (station: string) => readonly number[],
): Series[] {
  return all.flatMap((series) => {
    const edges = [Number.NEGATIVE_INFINITY, ...breaksOf(series.station), Number.POSITIVE_INFINITY];
    return edges.slice(1).flatMap((end, i) => {
      const part = between(series, edges[i]!, end);
      if (!part.mask.includes(1)) return [];
      const station = Number.isFinite(end)
        ? `${series.station}@${new Date(end).toISOString()}`
        : series.station;
      return [{ ...part, station }];
    });
  });
}
