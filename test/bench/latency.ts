import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt from 'mqtt';
import { stringify } from 'yaml';
import { type ServerProcess, startMosquitto } from '../servers.ts';
import { Publisher, stationsOf } from './pipeline/fleet-messages.ts';
import { onStage, round, type Stage } from './pipeline/stage.ts';

/**
 * From the reading that closes a step to its alert, ms: 1,000 readings a second of 500 stations through Mosquitto, the
 * edge, its outbox and Mosquitto again. Every second step of a station, a minute of its time, takes its alert one grade up.
 * Beside it the way of the same readings through Mosquitto alone. Publisher and listener are this process, by one clock.
 */
const stations = 500;
const seconds = { warmUp: 15, measured: 60 };
/** Of the stations' time, which goes ten times as fast as ours; ms. */
const [cadence, step] = [10_000, 60_000];
/** Stations that report at once, and how often. */
const [together, every] = [5, 10];

export async function run(print: (line: object) => void): Promise<void> {
  const { alerts, broker, owed } = await onStage(measure);
  const told = { readingsPerSecond: 1000, alerts: alerts.length, owed };
  for (const [name, share] of Object.entries({ p50: 0.5, p99: 0.99, 'p99.9': 0.999 })) {
    const [own, peer] = [quantile(alerts, share), quantile(broker, share)];
    print({ case: name, milliseconds: round(own), broker: round(peer), ratio: round(own / peer), ...told });
  }
}

const quantile = (values: readonly number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? Number.NaN;

interface Measured {
  readonly alerts: readonly number[];
  readonly broker: readonly number[];
  /** Steps that should have made an alert, or taken it up. */
  readonly owed: number;
}

async function measure(stage: Stage): Promise<Measured> {
  const broker = await startMosquitto(stage.t);
  if (!broker) throw new Error('this benchmark needs mosquitto');
  const edge = stage.spawn('bin/redtide.js', 'edge', configuration(stage, broker));
  await edge.lineWith('"state":"connected"');
  const start = Math.ceil((Date.now() - 3_600_000) / step) * step;
  const times = new Times();
  const listener = await mqtt.connectAsync(broker.url);
  stage.later(() => listener.endAsync(true));
  listener.on('message', (topic, payload) => times.came(topic, payload));
  await listener.subscribeAsync(['redtide/alerts/events/#', 'buoys/+/telemetry']);
  await Promise.race([publish(broker, start, times), edge.died]);
  await times.settled();
  return times;
}

function configuration({ folder }: Stage, broker: ServerProcess): string {
  const path = join(folder, 'redtide.yaml');
  const config = {
    data: join(folder, 'data'),
    broker: { url: broker.url },
    stations: stationsOf(stations).map((id) => ({ id, cadence: '10s' })),
    stream: { step: '1m', lateness: '10s', revisable: '10m' },
    clock: { trust: 'always' },
    model: { folder: join(folder, 'models') },
    rules: [rule],
    notify: [{ kind: 'mqtt' }],
    http: { port: 0 },
  };
  writeFileSync(path, stringify(config));
  return path;
}

/** Each that is reached is told; of alerts that come and go, less is. */
const grades = ['info', 'minor', 'moderate', 'severe', 'extreme'].map((severity, at) => ({
  severity,
  when: { variable: 'chlorophyll', level: 10 * (at + 1), clear: 8 },
}));
const rule = { id: 'high', text: 'Bloom conditions', fresh: '2d', grades };

/** Grades that a station has reached in a step: another in every second one, half of the stations in turn. */
const gradesIn = (at: number, number: number) =>
  Math.max(0, Math.min(grades.length, Math.floor((number + (at % 2)) / 2)));

/** No two readings in a row are equal, as they are of a sensor that sticks. */
const chlorophyllAt = (at: number, number: number, time: number) =>
  Number((5 + 10 * gradesIn(at, number) + Math.sin(time / 4000 + at)).toFixed(3));

/** Each station once a second, a few at a time, whatever became of those before. */
async function publish({ port }: ServerProcess, start: number, times: Times): Promise<void> {
  const publisher = await Publisher.connect(port);
  const begun = performance.now();
  const turns = ((seconds.warmUp + seconds.measured) * 1000) / every;
  for (let turn = 0; turn < turns; turn++) {
    const late = begun + turn * every - performance.now();
    if (late > 0) await sleep(late);
    const round = Math.floor((turn * together) / stations);
    const first = (turn * together) % stations;
    const measured = round >= seconds.warmUp;
    for (let at = first; at < first + together; at++)
      await send(publisher, times, { at, round, start, measured });
  }
  publisher.close();
}

async function send(
  publisher: Publisher,
  times: Times,
  { at, round, start, measured }: { at: number; round: number; start: number; measured: boolean },
): Promise<void> {
  // Clocks set apart: else all steps would close within a second.
  const time = start + (round + (at % 6)) * cadence;
  const number = Math.floor((time - start) / step);
  const values = {
    chlorophyll: chlorophyllAt(at, number, time),
    salinity: 33 + chlorophyllAt(stations, number, time) / 10,
  };
  const bytes = publisher.packet({
    topic: `buoys/S${at}/telemetry`,
    payload: JSON.stringify({ time: new Date(time).toISOString(), values }),
  });
  // With a lateness of one reading, the second of a step closes the one before.
  const closes = (time - start) % step === cadence;
  const alerts = closes && gradesIn(at, number - 1) > gradesIn(at, number - 2);
  times.sent(`S${at}`, time, measured && alerts ? start + (number - 1) * step : undefined);
  await publisher.send(bytes);
}

/** When readings went, and what came of them. */
class Times implements Measured {
  readonly alerts: number[] = [];
  readonly broker: number[] = [];
  owed = 0;
  /** When a reading went, by station and its time. */
  readonly #sent = new Map<string, number>();
  readonly #closing = new Map<string, number>();
  /** `closed`: the step that is to make an alert by this reading. */
  sent(station: string, time: number, closed: number | undefined): void {
    const now = performance.now();
    this.#sent.set(`${station} ${time}`, now);
    if (closed === undefined) return;
    this.#closing.set(`${station} ${closed}`, now);
    this.owed++;
  }

  came(topic: string, payload: Buffer): void {
    const now = performance.now();
    const said = JSON.parse(payload.toString());
    if (topic.startsWith('buoys/'))
      this.#note(this.#sent, `${topic.split('/')[1]} ${Date.parse(said.time)}`, this.broker, now);
    else
      this.#note(this.#closing, `${said.where.station} ${Date.parse(said.evidence.time)}`, this.alerts, now);
  }

  async settled(): Promise<void> {
    for (let left = 100; left > 0 && this.#closing.size > 0; left--) await sleep(100);
  }

  #note(sent: Map<string, number>, key: string, into: number[], now: number): void {
    const then = sent.get(key);
    if (then !== undefined) into.push(now - then);
    sent.delete(key);
  }
}
