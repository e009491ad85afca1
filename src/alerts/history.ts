import { from } from 'rxjs';
import type { Forecast } from '../model/forecast.ts';
import type { Step, StepBatch } from '../stream/step.ts';
import type { AlertTransition } from './alert.ts';
import { type EvaluateOptions, evaluateRules, type Seen } from './evaluate.ts';

/** What was stored of a time, in the order in which rules see it: time, the steps of each cell, forecasts from them. */
export function* inOrder(steps: readonly Step[], forecasts: readonly Forecast[]): Generator<Seen> {
  const batches = batchesOf(steps);
  const first = forecasts.filter(({ revision }) => revision === 0);
  const at = (item: StepBatch | Forecast) =>
    item.kind === 'steps' ? item.start + item.length : item.issuedAt;
  const rank = ({ kind }: StepBatch | Forecast) => (kind === 'steps' ? 0 : 1);
  const all = [...batches, ...first].sort((a, b) => at(a) - at(b) || rank(a) - rank(b));
  let now = Number.NEGATIVE_INFINITY;
  for (const item of all) {
    if (at(item) > now) {
      // Time passes hour by hour in gaps as well.
      const hour = 3_600_000;
      for (let time = now + hour; now > 0 && time < at(item); time += hour) yield { kind: 'tick', time };
      now = at(item);
      yield { kind: 'tick', time: now };
    }
    yield item;
  }
}

function batchesOf(steps: readonly Step[]): StepBatch[] {
  const batches = new Map<string, Step[]>();
  for (const step of steps) {
    const key = `${step.station}\0${step.start}`;
    const own = batches.get(key);
    if (own) own.push(step);
    else batches.set(key, [step]);
  }
  return [...batches.values()].map((own) => {
    const { station, start, length, revision } = own[0]!;
    return { kind: 'steps', station, start, length, revision, steps: own, idle: false };
  });
}

/** What rules would have made of a history. */
export function alertsOver(options: EvaluateOptions, items: Iterable<Seen>): AlertTransition[] {
  const transitions: AlertTransition[] = [];
  from(items)
    .pipe(evaluateRules(options))
    .subscribe((each) => {
      if (each.kind === 'alert') transitions.push(each);
    });
  return transitions;
}
