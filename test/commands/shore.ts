import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { checkConfig } from '../../src/config/load.ts';
import type { ConfigInput } from '../../src/config/schema.ts';
import { history } from '../../src/simulate/history.ts';
import { stations } from '../../src/simulate/stations.ts';
import { type Program, redtide } from '../process.ts';

/** A shore station for the simulated fleet: its configuration file, the fleet's records, and what the edge says. */

export const hour = 3_600_000;
export const day = 24 * hour;
export const cadence = 600_000;
export const fleet = stations.map(({ id }) => id);
export const seed = 3;

/** Stamps must be near the wall clock. The last full step, and the end of what may be measured by now. */
export const today = Math.floor(Date.now() / hour) * hour;
export const now = Math.floor(Date.now() / cadence + 1) * cadence;
export const iso = (time: number) => new Date(time).toISOString();

/** Writes a configuration that knows the fleet; YAML holds JSON. Answers with its path. */
export function configure(folder: string, name: string, settings: ConfigInput): string {
  const file = join(folder, `${name}.yaml`);
  const config: ConfigInput = {
    stations: stations.map(({ id, name }) => ({ id, name })),
    http: { port: 0 },
    tick: '1s',
    ...settings,
  };
  checkConfig(config, file);
  writeFileSync(file, JSON.stringify(config, null, 2));
  return file;
}

/** Has the fleet publish its records of [from, to); resolves with their number once all are acknowledged. */
export async function publish(t: ExecutionContext, url: string, from: number, to: number): Promise<number> {
  const span = ['--seed', `${seed}`, '--from', iso(from), '--to', iso(to)];
  const program = redtide(t, 'simulate', '--url', url, ...span, '--speed', '200000', '--json');
  const { code, out, err } = await program.ended;
  t.is(code, 0, err);
  const { taken, acknowledged } = JSON.parse(out);
  t.is(taken, ((to - from) / cadence) * fleet.length);
  t.is(acknowledged, taken);
  return taken;
}

/** Station, variable, time and value of what the fleet measures in [from, to), as text, sorted. */
export function measured(from: number, to: number): string[] {
  return [...history({ seed, from, to })]
    .flatMap(({ station, time, values }) =>
      Object.entries(values).map(([variable, value]) => `${station} ${variable} ${iso(time)} ${value}`),
    )
    .sort();
}

/** The lines of an edge's log, which are JSON. */
export function logOf(edge: Program): Record<string, unknown>[] {
  return edge.lines
    .filter(({ from, text }) => from === 'out' && text[0] === '{')
    .map(({ text }) => JSON.parse(text));
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
