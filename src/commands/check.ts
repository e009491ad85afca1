import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { type Command, exit, flag, UsageError } from './command.ts';

export const command: Command = {
  summary: 'checks a configuration file and says what it means',
  usage: 'FILE [--json]',
  about: `Reads the whole file, refuses unknown keys, and prints every problem with its path and value.
Without problems it prints a summary, or with --json the configuration with all defaults filled in.`,
  options: { json: { type: 'boolean', help: 'the complete configuration as JSON' } },
  async run(values, [file], io) {
    if (!file) throw new UsageError('needs a configuration file');
    const config = loadConfig(file);
    io.out.write(
      flag(values, 'json') ? `${JSON.stringify(config, null, 2)}\n` : `${summary(file, config)}\n`,
    );
    return exit.ok;
  },
};

function summary(file: string, config: Config): string {
  const broker = 'url' in config.broker ? config.broker.url : 'embedded';
  const store = config.store.kind === 'influx' ? `InfluxDB at ${config.store.url}` : 'embedded LMDB';
  return [
    `${file} is valid`,
    `  broker    ${broker}, topics ${config.topics.map(({ topic }) => topic).join(', ')}`,
    `  stations  ${config.stations.map(({ id }) => id).join(', ') || 'none'} (unknown ones: ${config.unknownStations})`,
    `  variables ${Object.keys(config.variables).join(', ')}`,
    `  store     ${store}`,
    `  rules     ${config.rules.map(({ id }) => id).join(', ') || 'none'}`,
  ].join('\n');
}
