import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { formatsOf } from '../../src/commands/adapters.ts';
import { checkConfig } from '../../src/config/load.ts';
import { Ledger } from '../../src/ledger.ts';
import { type Outcome, runPipeline } from '../../src/pipeline.ts';
import { planOf, settingsOf } from '../../src/plan.ts';
import { MemoryKeep } from '../../src/stream/kept.ts';

/** Each folder of test/cases is a configuration, the messages [received, topic, payload], and what must come of them. */
interface Case {
  readonly configuration: unknown;
  readonly readings: readonly (readonly [received: string, topic: string, payload: unknown])[];
  readonly expected: {
    readonly outcomes: readonly string[];
    readonly ledger: Readonly<Record<string, object>>;
  };
}

const cases = new URL('../cases/', import.meta.url);
const clock = (time: number) => new Date(time).toISOString().slice(11, 16);

/** One line for each outcome that people care for. */
function lines(outcome: Outcome): string[] {
  if (outcome.kind === 'rejection') return [`rejection ${outcome.station ?? '-'} ${outcome.reason}`];
  if (outcome.kind === 'reading') {
    const { station, variable, time, value, revision } = outcome;
    return [`reading ${station} ${variable} ${clock(time)} ${value} ${revision}`];
  }
  if (outcome.kind !== 'steps') return [];
  return outcome.steps.map(
    ({ station, variable, start, mean, count }) =>
      `step ${station} ${variable} ${clock(start)} mean ${mean} of ${count}`,
  );
}

for (const name of readdirSync(cases))
  test(name, (t) => {
    const { configuration, readings, expected }: Case = JSON.parse(
      readFileSync(new URL(`${name}/case.json`, cases), 'utf8'),
    );
    const config = checkConfig(configuration, name);
    const keep = new MemoryKeep();
    const ledger = new Ledger(keep);
    const push = runPipeline({
      ...settingsOf(planOf(config, formatsOf(config))),
      predictor: () => undefined,
      keep,
      onDuplicate: ({ station }) => ledger.settled(station, 'duplicate'),
    });
    const outcomes = readings.flatMap(([received, topic, content], at) => {
      const payload = Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));
      return push({ kind: 'message', sequence: at + 1, topic, payload, receivedAt: Date.parse(received) });
    });
    for (const outcome of outcomes) ledger.take(outcome);
    t.deepEqual(outcomes.flatMap(lines), expected.outcomes);
    for (const [station, account] of Object.entries(expected.ledger))
      t.like(ledger.account(station), account);
  });
