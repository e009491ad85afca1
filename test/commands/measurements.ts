import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { ExecutionContext } from 'ava';

/** Real measurements, which lie beside the project's folder and are no part of it. */
const folder = fileURLToPath(new URL('../../../shared/data/', import.meta.url));

/**
 * Writes the first `rows` rows of each station of a file of measurements, gzipped, into `to`, and answers with the
 * path. Undefined, after a log line, where the measurements are not there.
 */
export function shortened(t: ExecutionContext, name: string, rows: number, to: string): string | undefined {
  const path = join(folder, name);
  if (!existsSync(path)) {
    t.log(`skipped: there is no ${path}`);
    t.pass();
    return undefined;
  }
  const [header, ...lines] = gunzipSync(readFileSync(path)).toString().trimEnd().split('\n');
  const station = header!.split(',').indexOf('station_id');
  const taken = new Map<string, number>();
  const kept = lines.filter((line) => {
    const id = line.split(',', station + 1)[station]!;
    const count = taken.get(id) ?? 0;
    taken.set(id, count + 1);
    return count < rows;
  });
  const short = join(to, basename(name));
  writeFileSync(short, gzipSync(`${[header, ...kept].join('\n')}\n`));
  return short;
}
