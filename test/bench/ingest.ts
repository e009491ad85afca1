// Mosquitto at QoS 1 -> journal -> windows -> InfluxDB, beside MQTT.js that receives and parses and no more.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type ServerProcess, startInflux, startMosquitto } from '../servers.ts';
import { fleetMessages, Publisher, stationsOf } from './pipeline/fleet-messages.ts';
import { type Child, median, onStage, round, type Stage, until } from './pipeline/stage.ts';

const stations = 500;
const limit = { cpu: 2.5, rate: 0.5 };
const warmUpRounds = 200;

interface Case {
  readonly valuesInMessage: number;
  readonly rounds: number;
}

interface Run {
  /** Seconds of CPU for 100,000 values. */
  readonly cpu: number;
  /** Values a second, from the first publication to the last value stored. */
  readonly rate: number;
}

export async function run(print: (line: object) => void): Promise<void> {
  for (const one of [
    { valuesInMessage: 1, rounds: 400 },
    { valuesInMessage: 5, rounds: 200 },
  ]) {
    const pairs: { edge: Run; peer: Run }[] = [];
    for (let pair = 0; pair < Number(process.env['REDTIDE_BENCH_PAIRS'] ?? 5); pair++) {
      const peer = await onStage((stage) => runPeer(stage, one));
      pairs.push({ peer, edge: await onStage((stage) => runEdge(stage, one)) });
    }
    print(lineOf(one, pairs));
  }
}

function lineOf({ valuesInMessage }: Case, pairs: readonly { edge: Run; peer: Run }[]) {
  return {
    case: `${stations} stations, ${valuesInMessage} values in a message`,
    cpuSecondsPer100000: round(median(pairs.map(({ edge }) => edge.cpu))),
    peerCpuSecondsPer100000: round(median(pairs.map(({ peer }) => peer.cpu))),
    ratio: round(median(pairs.map(({ edge, peer }) => edge.cpu / peer.cpu))),
    limit: limit.cpu,
    valuesPerSecond: Math.round(median(pairs.map(({ edge }) => edge.rate))),
    rateRatio: round(median(pairs.map(({ edge, peer }) => edge.rate / peer.rate))),
    rateLimit: limit.rate,
    pairs: pairs.length,
  };
}

async function runPeer(stage: Stage, one: Case): Promise<Run> {
  const broker = await required(startMosquitto(stage.t));
  const peer = stage.spawn('test/bench/pipeline/mqtt-peer.js', broker.url, 'peer', '5');
  await peer.lineWith('ready');
  const received = (messages: number) => peer.lineWith(`${messages} `);
  return timed(broker, peer, one, received);
}

async function runEdge(stage: Stage, one: Case): Promise<Run> {
  const broker = await required(startMosquitto(stage.t));
  const influx = await required(startInflux(stage.t));
  const edge = stage.spawn('bin/redtide.js', 'edge', configuration(stage, broker, influx));
  await edge.lineWith('"state":"connected"');
  const stored = (messages: number) =>
    until(async () => (await storedIn(influx)) >= messages * one.valuesInMessage);
  return timed(broker, edge, one, stored);
}

async function required(starting: Promise<ServerProcess | undefined>): Promise<ServerProcess> {
  const server = await starting;
  if (!server) throw new Error('this benchmark needs mosquitto and influxd');
  return server;
}

function configuration({ folder }: Stage, broker: ServerProcess, influx: ServerProcess): string {
  const path = join(folder, 'redtide.yaml');
  const config = {
    data: join(folder, 'data'),
    broker: { url: broker.url },
    stations: stationsOf(stations).map((id) => ({ id, cadence: '10m' })),
    store: { kind: 'influx', url: influx.url },
    model: { folder: join(folder, 'models') },
    http: { port: 0 },
  };
  writeFileSync(path, stringify(config));
  return path;
}

/** Values of readings in InfluxDB. */
async function storedIn({ url }: ServerProcess): Promise<number> {
  const query = new URLSearchParams({ db: 'redtide', q: 'SELECT COUNT("value") FROM "reading"' });
  const answer = (await (await fetch(`${url}/query?${query}`)).json()) as {
    results: { series?: { values: [number, number][] }[] }[];
  };
  return answer.results[0]?.series?.[0]?.values[0]?.[1] ?? 0;
}

/** After a warm-up of the same kind, since a process that runs for months is not measured by its first second. */
async function timed(
  { port }: ServerProcess,
  subject: Child,
  { valuesInMessage, rounds }: Case,
  arrived: (messages: number) => Promise<unknown>,
): Promise<Run> {
  const publisher = await Publisher.connect(port);
  const all = warmUpRounds + rounds;
  const first = Date.now() - all * 600_000;
  const packets = [...fleetMessages(stations, valuesInMessage, first, all)].map((one) =>
    publisher.packet(one),
  );
  const before = warmUpRounds * stations;
  for (const chunk of chunks(packets.slice(0, before))) await publisher.send(chunk);
  await Promise.race([arrived(before), subject.died]);
  const rest = chunks(packets.slice(before));
  const [cpu, start] = [subject.cpu, performance.now()];
  for (const chunk of rest) await publisher.send(chunk);
  await Promise.race([arrived(packets.length), subject.died]);
  const [used, seconds] = [subject.cpu - cpu, (performance.now() - start) / 1000];
  publisher.close();
  const values = rounds * stations * valuesInMessage;
  return { cpu: (used * 100_000) / values, rate: values / seconds };
}

function chunks(packets: readonly Buffer[]): Buffer[] {
  const joined: Buffer[] = [];
  for (let from = 0; from < packets.length; from += 200)
    joined.push(Buffer.concat(packets.slice(from, from + 200)));
  return joined;
}
