import { parseArgs } from 'node:util';
import { type Command, exit, type Io, Refused, UsageError } from './commands/command.ts';
import { ConfigError } from './config/load.ts';

type Loader = () => Promise<{ command: Command }>;

const commands: Record<string, Loader> = {
  edge: () => import('./commands/edge.ts'),
  demo: () => import('./commands/demo.ts'),
  simulate: () => import('./commands/simulate.ts'),
  replay: () => import('./commands/replay.ts'),
  train: () => import('./commands/train.ts'),
  backtest: () => import('./commands/backtest.ts'),
  retrain: () => import('./commands/retrain.ts'),
  models: () => import('./commands/models.ts'),
  check: () => import('./commands/check.ts'),
  ledger: () => import('./commands/ledger.ts'),
  outbox: () => import('./commands/outbox.ts'),
  rules: () => import('./commands/rules.ts'),
  alerts: () => import('./commands/alerts.ts'),
  quarantine: () => import('./commands/quarantine.ts'),
  report: () => import('./commands/report.ts'),
};

const exitCodes = `Exit codes: 0 done; 1 failed; 2 the command line or the configuration is wrong;
3 the command ran and its answer is no.`;

/** Runs one command line and resolves with its exit code. */
export async function main(argv: readonly string[], io: Io = processIo()): Promise<number> {
  const [name = '--help', ...rest] = argv;
  if (name === '--help' || name === '-h' || name === 'help') return print(io, await overview());
  const loader = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!loader)
    return complain(io, `redtide: no command "${name}"; there are ${Object.keys(commands).join(', ')}`);
  const { command } = await loader();
  try {
    const { help, values, positionals } = parse(command, rest);
    if (help) return print(io, describe(name, command));
    return await command.run(values, positionals, io);
  } catch (error) {
    return explain(name, error as Error, io);
  }
}

function parse(command: Command, args: string[]) {
  const options = { ...command.options, help: { type: 'boolean' as const, short: 'h', help: '' } };
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    return { help: values['help'] === true, values, positionals };
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ')[0]);
  }
}

function explain(name: string, error: Error, io: Io): number {
  if (error instanceof UsageError)
    return complain(io, `redtide ${name}: ${error.message}; see redtide ${name} --help`);
  if (error instanceof ConfigError) return complain(io, `redtide ${name}: ${error.message}`);
  io.err.write(`redtide ${name}: ${error.message}\n`);
  if (io.env['REDTIDE_DEBUG']) io.err.write(`${error.stack}\n`);
  return error instanceof Refused ? exit.refused : exit.failed;
}

function complain(io: Io, line: string): number {
  io.err.write(`${line}\n`);
  return exit.usage;
}

function print(io: Io, content: string): number {
  io.out.write(`${content}\n`);
  return exit.ok;
}

async function overview(): Promise<string> {
  const lines = await Promise.all(
    Object.entries(commands).map(
      async ([name, load]) => `  ${name.padEnd(10)} ${(await load()).command.summary}`,
    ),
  );
  return `Usage: redtide COMMAND [options]\n\n${lines.join('\n')}\n\nredtide COMMAND --help explains one. ${exitCodes}`;
}

function describe(name: string, command: Command): string {
  const line = (given: string, help: string) => `  ${given.padEnd(26)} ${help}`;
  const options = Object.entries(command.options).map(([key, option]) =>
    line(option.type === 'string' ? `--${key} ${option.value ?? 'TEXT'}` : `--${key}`, option.help),
  );
  return [
    `Usage: redtide ${name} ${command.usage}`,
    command.about,
    `Options:\n${[...options, line('--help', 'this text')].join('\n')}`,
    exitCodes,
  ].join('\n\n');
}

/** An edge does not die for want of somebody who reads its output. */
function unlessUnread(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** The first Ctrl-C or SIGTERM asks to end, the second ends at once. */
function processIo(): Io {
  const controller = new AbortController();
  const end = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  for (const stream of [process.stdout, process.stderr]) stream.on('error', unlessUnread);
  return { out: process.stdout, err: process.stderr, env: process.env, signal: controller.signal };
}
