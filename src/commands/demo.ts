import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { checkConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { Disk } from '../disk.ts';
import { type Edge, startEdge } from '../edge.ts';
import type { AedesSource } from '../ingest/aedes-source.ts';
import { openJournal } from '../ingest/journal.ts';
import type { Clock } from '../ingest/message.ts';
import { createProgress } from '../progress.ts';
import { acceleratedClock } from '../simulate/accelerated-clock.ts';
import { runFleet } from '../simulate/mqtt-fleet.ts';
import { demoScenario } from '../simulate/scenario.ts';
import { stations } from '../simulate/stations.ts';
import { embeddedBroker, formatsOf } from './adapters.ts';
import { urlOf } from './broker.ts';
import { channelsOf } from './channels.ts';
import { type Command, exit, type Io, number, text, UsageError } from './command.ts';
import { keepTime } from './edge.ts';
import { exampleRules, modelOf, openData, openLog, serve, storeOf, version } from './shore.ts';

const hour = 3_600_000;

export const command: Command = {
  summary: 'the whole job on this machine: buoys, broker, store, forecasts, warnings',
  usage: '[options]',
  about: `A fleet of simulated buoys publishes over real MQTT to the embedded broker, on an accelerated clock: a bloom, a
hypoxia event, a dead buoy, a wrong clock and a late burst come by. Everything else is the product: journal, quality
control, windows, forecasts by a trained LSTM, rules, the embedded store and the status page. Ctrl-C ends it; the next
start goes on from disk.`,
  options: {
    data: { type: 'string', value: 'DIR', help: 'folder of everything that survives (redtide-data/demo)' },
    models: { type: 'string', value: 'DIR', help: 'model folder (the artifact that comes with redtide)' },
    speed: { type: 'string', value: 'X', help: 'simulated seconds per second (4000)' },
    hours: { type: 'string', value: 'N', help: 'end after so many simulated hours of the story' },
    port: { type: 'string', value: 'N', help: 'of the broker (1883, or the next free one)' },
    'http-port': { type: 'string', value: 'N', help: 'of the status page (8080, or the next free one)' },
  },
  async run(values, _positionals, io) {
    const speed = number(values, 'speed', 4000);
    if (!(speed > 0)) throw new UsageError(`--speed ${speed} must be above 0`);
    const config = demoConfig({
      data: text(values, 'data') ?? 'redtide-data/demo',
      models: text(values, 'models') ?? shippedModels,
      port: number(values, 'port', 1883),
      httpPort: number(values, 'http-port', 8080),
    });
    await runDemo(config, { speed, hours: number(values, 'hours', Number.POSITIVE_INFINITY) }, io);
    return exit.ok;
  },
};

/** Beside the sources and beside the compiled program alike. */
const shippedModels = fileURLToPath(new URL('../../models/demo', import.meta.url));

interface Places {
  readonly data: string;
  readonly models: string;
  readonly port: number;
  readonly httpPort: number;
}

function demoConfig({ data, models, port, httpPort }: Places): Config {
  return checkConfig(
    {
      data,
      broker: { embedded: { port } },
      stations: stations.map(({ id, name, latitude, longitude }) => ({ id, name, latitude, longitude })),
      model: { folder: models, poll: '1s' },
      rulesFile: exampleRules,
      notify: [{ kind: 'terminal' }, { kind: 'mqtt' }],
      http: { port: httpPort },
      tick: '10m',
      log: 'warn',
    },
    'demo',
  );
}

interface Pace {
  readonly speed: number;
  readonly hours: number;
}

async function runDemo(config: Config, { speed, hours }: Pace, io: Io): Promise<void> {
  const disk = openData(config);
  const story = await storyOn(disk);
  // Time stands until everything is there.
  let clock: Clock = () => story.resumed;
  const progress = createProgress(io.out, {
    status: () => edge.status(),
    now: () => performance.now(),
    env: io.env,
  });
  const say = (line: string) => progress.lines.write(`${line}\n`);
  const broker = embeddedBroker(
    config,
    () => clock(),
    () => {},
  );
  const model = await modelOf(config);
  const store = storeOf(config, disk);
  const edge: Edge = await startEdge({
    config,
    formats: formatsOf(config),
    disk,
    source: () => broker,
    address: () => urlOf(broker),
    store,
    model,
    channels: channelsOf(config, {
      lines: progress.lines,
      mqtt: () => ({ publish: (topic, payload, options) => broker.publish(topic, payload, options) }),
    }),
    clock: () => clock(),
    log: openLog(config.log, plainLines(say)),
    version,
  });
  await edge.started;
  const token = randomBytes(9).toString('base64url');
  const http = await serve(config, edge, store, say, [{ name: 'demo', token }]);
  clock = acceleratedClock({ start: story.resumed, speed, now: () => performance.now() });
  introduce(say, broker, http.url, story, await model.wanted());
  say(`orders       on the page, with the token ${token}`);
  const stops = keepTime(
    edge,
    config,
    () => clock(),
    speed,
    (error) => say(error.message),
  );
  progress.start();
  const fleet = runFleet({
    url: `mqtt://${broker.address!.host}:${broker.address!.port}`,
    seed: 1,
    start: story.resumed,
    until: story.start + hours * hour,
    clock: () => clock(),
    speed,
    signal: io.signal,
    scenario: demoScenario(story.start),
  });
  try {
    await Promise.race([edge.running, fleet]);
  } finally {
    for (const stop of stops) stop();
    await Promise.all([http.stop(), edge.stop()]);
    progress.stop();
    await disk.close();
    say('stopped; the next start goes on from here');
  }
}

/** When the story began, and how far an earlier run came, ms of simulated time. */
interface Story {
  readonly start: number;
  readonly resumed: number;
}

async function storyOn(disk: Disk): Promise<Story> {
  const memory = disk.database<number, string>('demo');
  const journal = openJournal(disk);
  const [last] = journal.head > 0 ? journal.read(journal.head) : [];
  const start = memory.get('start') ?? Math.floor(Date.now() / hour) * hour;
  await memory.put('start', start);
  return {
    start,
    resumed: last === undefined ? start : last.kind === 'message' ? last.receivedAt : last.time,
  };
}

function introduce(
  say: (line: string) => void,
  broker: AedesSource,
  url: string,
  { start, resumed }: Story,
  model: string | undefined,
): void {
  const { port, requestedPort, host } = broker.address!;
  const busy = requestedPort === 0 || port === requestedPort ? '' : ` (${requestedPort} was busy)`;
  const hours = Math.round((resumed - start) / hour);
  say(`MQTT broker  mqtt://${host}:${port}${busy}, topics buoys/STATION/telemetry and redtide/alerts/#`);
  say(`status page  ${url}`);
  say(`model        ${model ?? 'none: there will be no forecast, and no warning from one'}`);
  say(
    hours > 0
      ? `going on from disk, ${hours} h into the story`
      : 'a new story: the bloom comes after about 30 h',
  );
}

/** Log lines as people read them. */
function plainLines(say: (line: string) => void): NodeJS.WritableStream {
  const write = (line: string) => {
    const { msg, reason } = JSON.parse(line) as { msg: string; reason?: string };
    say(reason === undefined ? msg : `${msg}: ${reason}`);
    return true;
  };
  return { write } as unknown as NodeJS.WritableStream;
}
