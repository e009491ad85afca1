import { onStage, round } from './pipeline/stage.ts';

/**
 * What a reading and a station cost, by the number of stations: the pipeline as the edge has it, with its ledger and its
 * board, over journal records in memory; no journal, store or model. Each fleet in a process of its own, the same
 * number of readings from each, once what is kept by age is full. The cost should not rise with the stations: 100,000
 * are held to 1.5 times 100. `REDTIDE_BENCH_STATIONS` names other numbers (100,10000).
 */
const counts = (process.env['REDTIDE_BENCH_STATIONS'] ?? '10,100,1000,10000,100000').split(',').map(Number);
const base = 100;
const messages = 400_000;
const limit = 1.5;

interface Cost {
  /** Of CPU, all threads, for a reading. */
  readonly microseconds: number;
  /** Of memory for a station. */
  readonly bytes: number;
}

export async function run(print: (line: object) => void): Promise<void> {
  const least = await costOf(base);
  for (const stations of counts) {
    const { microseconds, bytes } = stations === base ? least : await costOf(stations);
    print({
      case: `${stations} stations`,
      microsecondsPerReading: round(microseconds),
      ratio: round(microseconds / least.microseconds),
      bytesPerStation: Math.round(bytes),
      bytesRatio: round(bytes / least.bytes),
      ...(stations === 100_000 && { limit }),
    });
  }
}

function costOf(stations: number): Promise<Cost> {
  return onStage(async (stage) => {
    // As bin/redtide.js runs.
    const options = ['--no-parallel-scavenge', '--import=tsx', '--expose-gc', '--max-old-space-size=12288'];
    const child = stage.node(...options, 'test/bench/stations/fleet.ts', `${stations}`, `${messages}`);
    return JSON.parse(await child.lineWith('bytes')) as Cost;
  });
}
