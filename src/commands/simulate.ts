import { acceleratedClock } from '../simulate/accelerated-clock.ts';
import { history, writeCsv } from '../simulate/history.ts';
import { runFleet } from '../simulate/mqtt-fleet.ts';
import { demoScenario, noScenario } from '../simulate/scenario.ts';
import {
  type Command,
  exit,
  flag,
  type Io,
  instant,
  number,
  text,
  UsageError,
  type Values,
} from './command.ts';

const day = 86_400_000;

export const command: Command = {
  summary: 'a fleet of simulated buoys, as a file or over MQTT',
  usage: '(--out FILE | --url URL) [options]',
  about: `Eight buoys in a bay that exists nowhere: weather, tide, blooms and oxygen, a function of the seed alone.
With --out it writes CSV (gzipped where the name ends in .gz); with --url the buoys publish to
buoys/STATION/telemetry at QoS 1 until --to or Ctrl-C.`,
  options: {
    out: { type: 'string', value: 'FILE', help: 'write CSV to this file' },
    url: { type: 'string', value: 'URL', help: 'publish to this broker, for example mqtt://127.0.0.1:1883' },
    seed: { type: 'string', value: 'N', help: 'which world (1)' },
    from: { type: 'string', value: 'TIME', help: 'first record (2025-01-01 for a file, now for a broker)' },
    to: {
      type: 'string',
      value: 'TIME',
      help: 'end of the records (180 days later for a file, never for a broker)',
    },
    speed: { type: 'string', value: 'X', help: 'over MQTT: simulated seconds per second (1)' },
    story: { type: 'boolean', help: "with the demonstration's bloom, hypoxia and faulty buoys after --from" },
    json: { type: 'boolean', help: 'counts as JSON' },
  },
  async run(values, _positionals, io) {
    const [out, url] = [text(values, 'out'), text(values, 'url')];
    if ((out === undefined) === (url === undefined))
      throw new UsageError('needs either --out FILE or --url URL');
    return out === undefined ? publish(url!, values, io) : write(out, values, io);
  },
};

async function write(out: string, values: Values, io: Io): Promise<number> {
  const from = instant(values, 'from') ?? Date.UTC(2025, 0, 1);
  const to = instant(values, 'to') ?? from + 180 * day;
  if (to <= from) throw new UsageError('--to must be after --from');
  const scenario = flag(values, 'story') ? demoScenario(from) : noScenario;
  const records = await writeCsv(out, history({ seed: number(values, 'seed', 1), from, to, scenario }));
  io.out.write(
    flag(values, 'json') ? `${JSON.stringify({ out, records })}\n` : `${records} records in ${out}\n`,
  );
  return exit.ok;
}

async function publish(url: string, values: Values, io: Io): Promise<number> {
  const start = instant(values, 'from') ?? Date.now();
  const speed = number(values, 'speed', 1);
  if (speed <= 0) throw new UsageError(`--speed ${speed} must be above 0`);
  const result = await runFleet({
    url,
    seed: number(values, 'seed', 1),
    start,
    until: instant(values, 'to'),
    clock: acceleratedClock({ start, speed, now: Date.now }),
    speed,
    signal: io.signal,
    scenario: flag(values, 'story') ? demoScenario(start) : noScenario,
    report: (what) => io.err.write(`${what}\n`),
  });
  const { taken, acknowledged, unsent } = result;
  const said = `${taken} records taken, ${acknowledged} acknowledged, ${unsent} not sent`;
  io.out.write(flag(values, 'json') ? `${JSON.stringify(result)}\n` : `${said}\n`);
  return exit.ok;
}
