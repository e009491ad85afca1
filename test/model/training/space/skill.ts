import { squaredErrors } from '../../../../src/model/training/backtest/point-scores.ts';
import type { Backtest } from '../../../../src/model/training/backtest/run.ts';
import { quantileColumn, scoredAt } from '../../../../src/model/training/backtest/samples.ts';

/** 1 - RMSE / RMSE of the other, over the stations that `among` takes. */
export function skill(
  { samples }: Backtest,
  name: string,
  over: string,
  h: number,
  among: (station: string) => boolean = () => true,
): number {
  let [mine, theirs] = [0, 0];
  for (const own of samples.filter(({ station }) => among(station))) {
    const scored = scoredAt(own, h);
    const sum = (forecaster: string) =>
      squaredErrors(scored.truth, quantileColumn(scored, scored.said.get(forecaster)!, 0.5)).reduce(
        (all, one) => all + one,
        0,
      );
    mine += sum(name);
    theirs += sum(over);
  }
  return 1 - Math.sqrt(mine / theirs);
}
