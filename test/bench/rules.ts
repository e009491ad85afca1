import { Subject } from 'rxjs';
import { evaluateRules, type Seen } from '../../src/alerts/evaluate.ts';
import { forecastAt, observedAt, ruleWith } from '../alerts/evidence.ts';

/**
 * What a forecast costs the rules: 20 rules of forecasts and as many of observations, for all stations or for some of
 * them by name, from 100 stations to 10,000. One in a thousand crosses. The cost should not rise with the stations.
 */
export async function run(print: (line: object) => void): Promise<void> {
  measure(100, 40);
  const base = measure(100, 400);
  for (const stations of [100, 1000, 10_000]) {
    const nanoseconds = measure(stations, 40_000 / stations + 4);
    const ratio = Number((nanoseconds / base).toFixed(2));
    print({ stations, rules: 20, nanosecondsPerForecast: Math.round(nanoseconds), timesThatOf100: ratio });
  }
}

const rounds = { warm: 2 };

function measure(count: number, hours: number): number {
  const stations = Array.from({ length: count }, (_, i) => `buoy-${i}`);
  const rules = Array.from({ length: 20 }, (_, i) =>
    ruleWith({
      id: `rule-${i}`,
      on: i % 2 === 0 ? 'forecast' : 'observed',
      level: 20 + i,
      clear: 15,
      stations: i % 4 === 0 ? stations.filter((_, at) => at % 2 === 0) : '*',
    }),
  );
  const items = new Subject<Seen>();
  items.pipe(evaluateRules({ rules })).subscribe();
  let spent = 0;
  for (let hour = 0; hour < hours; hour++) {
    const forecasts = stations.map((station, i) => {
      const value = (i * 7 + hour) % 1000 === 0 ? 60 : 8;
      items.next(observedAt(hour, value, { station }));
      return forecastAt(hour + 1, [value, value, value], { station });
    });
    const start = process.hrtime.bigint();
    for (const forecast of forecasts) items.next(forecast);
    if (hour >= rounds.warm) spent += Number(process.hrtime.bigint() - start);
  }
  return spent / (count * (hours - rounds.warm));
}
