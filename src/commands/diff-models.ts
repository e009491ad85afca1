import type { Manifest } from '../model/artifact.ts';
import type { LineUpBody } from '../model/line-up/line-up.ts';
import { lineUpTable } from '../model/line-up/table.ts';

/** What two versions do not have in common, a line each; empty where they are the same. */
export function diffModels(one: Manifest, other: Manifest): string[] {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])].filter((name) => !told.has(name));
  const fields = names.flatMap((name) => fieldLine(name, valueAt(one, name), valueAt(other, name)));
  return [...fields, ...lineUpLines(one, other), ...scoreLines(one, other)];
}

/** The identity differs where anything does; scores and calibration are long, and a contest is no property of the model. */
const told = new Set(['id', 'scores', 'calibration', 'body', 'promotion']);

const valueAt = (manifest: Manifest, name: string) =>
  JSON.stringify((manifest as unknown as Record<string, unknown>)[name]) ?? 'none';

const fieldLine = (name: string, one: string, other: string) =>
  one === other ? [] : [`${name}: ${one} > ${other}`];

/** Of line-ups, who serves where they differ. */
function lineUpLines(one: Manifest, other: Manifest): string[] {
  const [own, its] = [one, other].map((manifest) =>
    manifest.network === 'line-up' ? lineUpTable(manifest as Manifest<LineUpBody>) : [],
  ) as [string[], string[]];
  return [
    ...own.filter((row) => !its.includes(row)).map((row) => `- ${row}`),
    ...its.filter((row) => !own.includes(row)).map((row) => `+ ${row}`),
  ];
}

/** Each version's errors on its own test windows: they compare only where those are the same. */
function scoreLines(one: Manifest, other: Manifest): string[] {
  return one.variables.flatMap(({ name, unit }) => {
    const [own, its] = [one.scores?.[name], other.scores?.[name]];
    if (!own || !its || JSON.stringify(own) === JSON.stringify(its)) return [];
    const same = own.from === its.from && own.to === its.to && own.samples === its.samples;
    const row = (errors: readonly number[] = []) => errors.map((error) => error.toPrecision(3)).join(' ');
    return [
      `RMSE of ${name} (${unit}): ${row(own.rmse['model'])} > ${row(its.rmse['model'])}` +
        (same ? '' : `, on other windows: ${own.from} to ${own.to} > ${its.from} to ${its.to}`),
    ];
  });
}
