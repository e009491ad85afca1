import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';

/** A program by name, with the folders of system programs, which a user's PATH may lack; undefined where absent. */
export function programNamed(name: string): string | undefined {
  const { PATH = '' } = process.env;
  const { stdout } = spawnSync('sh', ['-c', `command -v ${name}`], {
    env: { ...process.env, PATH: `${PATH}:/usr/sbin:/usr/local/sbin:/sbin` },
    encoding: 'utf8',
  });
  return stdout.trim() || undefined;
}

/** The programs asked for; where one is missing, the test passes with a word about it, or fails where CI demands. */
export function programsOrSkip<Name extends string>(
  t: ExecutionContext,
  ...names: Name[]
): Record<Name, string> | undefined {
  const found = names.map((name) => [name, programNamed(name)] as const);
  const missing = found.filter(([, path]) => !path).map(([name]) => name);
  if (missing.length === 0) return Object.fromEntries(found) as Record<Name, string>;
  if (process.env['REDTIDE_REQUIRE_SERVERS'] === '1') throw new Error(`not installed: ${missing.join(', ')}`);
  t.log(`skipped: ${missing.join(', ')} not installed`);
  t.pass();
  return undefined;
}

export function temporaryFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(`${tmpdir()}/redtide-`);
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export interface Broker {
  readonly port: number;
  /** What it wrote to its log so far. */
  log(): string;
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again after a stop. */
  start(): Promise<void>;
}

/** Runs Mosquitto with this configuration until the test ends; resolves when it listens on the port. */
export async function runMosquitto(
  t: ExecutionContext,
  program: string,
  configuration: string,
  port: number,
): Promise<Broker> {
  const file = `${temporaryFolder(t)}/mosquitto.conf`;
  writeFileSync(file, configuration);
  let child: ChildProcess | undefined;
  let log = '';
  const start = async () => {
    child = spawn(program, ['-c', file], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk) => (log += chunk));
    for (let tries = 0; !(await listens(port)); tries++) {
      if (child.exitCode !== null || tries > 500) throw new Error(`mosquitto did not start:\n${log}`);
      await sleep(10);
    }
  };
  const stop = (signal: NodeJS.Signals = 'SIGTERM') => end(child!, signal);
  t.teardown(() => stop('SIGKILL'));
  await start();
  return { port, log: () => log, stop, start };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, 'exit');
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}
