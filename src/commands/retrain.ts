import { spawn } from 'node:child_process';
import cron from 'node-cron';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { type Command, exit, flag, type Io, UsageError } from './command.ts';
import { aborted } from './edge.ts';
import { openLog } from './shore.ts';

export const command: Command = {
  summary: 'trains on a schedule and publishes to the folder that the edge watches',
  usage: 'FILE [--once]',
  about: `Runs redtide train in a child process on the cron schedule of retrain/schedule in the configuration FILE (UTC, never
two at once), on the store's history of the last retrain/history, and publishes the artifact into model/folder. A
running edge that watches that folder takes it without a restart. With --once it trains now and ends, for systemd
timers and Kubernetes.`,
  options: { once: { type: 'boolean', help: 'train now, and end' } },
  async run(values, [file], io) {
    if (!file) throw new UsageError('needs a configuration file');
    const config = loadConfig(file);
    if (!cron.validate(config.retrain.schedule))
      throw new UsageError(`retrain/schedule "${config.retrain.schedule}" is no cron expression`);
    if (flag(values, 'once')) return trainInChild(file, config, io);
    await schedule(file, config, io);
    return exit.ok;
  },
};

async function schedule(file: string, config: Config, io: Io): Promise<void> {
  const log = openLog(config.log, io.out);
  const task = cron.schedule(
    config.retrain.schedule,
    async () => {
      log.info('training');
      const code = await trainInChild(file, config, io);
      if (code === exit.ok) log.info('trained and published');
      else log.error({ code }, 'training failed; the present model stays');
    },
    { timezone: 'UTC', noOverlap: true },
  );
  log.info({ schedule: config.retrain.schedule, next: task.getNextRun() }, 'waiting');
  await aborted(io);
  await task.destroy();
}

/** Training blocks an event loop for minutes and may leave memory behind: a process of its own ends with all of it. */
function trainInChild(file: string, { retrain }: Config, io: Io): Promise<number> {
  const from = new Date(Date.now() - retrain.history).toISOString();
  const { epochs, learningRate, seed } = retrain;
  const options = { from, epochs, 'learning-rate': learningRate, seed };
  const args = [
    'train',
    '--config',
    file,
    ...Object.entries(options).map(([name, value]) => `--${name}=${value}`),
  ];
  const child = spawn(process.execPath, [...process.execArgv, program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.on('data', (text) => io.out.write(text));
  child.stderr.on('data', (text) => io.err.write(text));
  const stop = () => child.kill('SIGTERM');
  io.signal.addEventListener('abort', stop, { once: true });
  return new Promise((resolve) => {
    child.once('error', () => resolve(exit.failed));
    child.once('close', (code) => {
      io.signal.removeEventListener('abort', stop);
      resolve(code ?? exit.failed);
    });
  });
}

/** The entry that this process was started with runs the child as well. */
const program = process.argv[1]!;
