import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';

/** How a server of one kind is run in a folder and at a port of its own. */
interface Kind {
  readonly name: string;
  readonly binaries: readonly string[];
  /** Writes what it needs to `folder`; gives the arguments. */
  readonly prepare: (folder: string, port: number) => readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ready: (port: number) => Promise<boolean>;
  readonly scheme: string;
}

/** A real server as a child process, that a test can stop, kill and start again on the same folder and port. */
export class ServerProcess {
  readonly port: number;
  readonly folder: string;
  readonly #kind: Kind;
  readonly #binary: string;
  #child: ChildProcess | undefined;
  #log = '';

  constructor(kind: Kind, binary: string, folder: string, port: number) {
    this.#kind = kind;
    this.#binary = binary;
    this.folder = folder;
    this.port = port;
  }

  get url(): string {
    return `${this.#kind.scheme}://127.0.0.1:${this.port}`;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** What it printed, all starts together. */
  get log(): string {
    return this.#log;
  }

  /** Resolves when it answers. */
  async start(): Promise<void> {
    const child = spawn(this.#binary, this.#kind.prepare(this.folder, this.port), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, HOME: this.folder, ...this.#kind.environment },
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (this.#log += chunk.toString()));
    child.once('error', (error) => (this.#log += error.message));
    await this.#becomesReady(child);
  }

  /** SIGTERM: an orderly end. */
  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  /** SIGKILL: as when the power goes, but for the disk. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** Without waiting, for the exit of the test's own process. */
  abandon(): void {
    this.#child?.kill('SIGKILL');
  }

  async #becomesReady(child: ChildProcess): Promise<void> {
    for (let attempt = 0; attempt < 1200 && isRunning(child); attempt++) {
      if (await this.#kind.ready(this.port)) return;
      await sleep(25);
    }
    await this.kill();
    throw new Error(`${this.#kind.name} does not start:\n${this.#log.slice(-2000)}`);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child || !isRunning(child)) return;
    const ended = once(child, 'close');
    child.kill(signal);
    await ended;
  }
}

const isRunning = ({ exitCode, signalCode, pid }: ChildProcess) =>
  pid !== undefined && exitCode === null && signalCode === null;

/** Mosquitto, with persistence and no bound on queues; `extra` is appended to its configuration. */
export function startMosquitto(t: ExecutionContext, extra = ''): Promise<ServerProcess | undefined> {
  return startServer(t, {
    name: 'mosquitto',
    binaries: ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto', '/usr/bin/mosquitto'],
    scheme: 'mqtt',
    ready: accepts,
    prepare(folder, port) {
      const path = join(folder, 'mosquitto.conf');
      writeFileSync(path, mosquittoConfiguration(folder, port, extra));
      return ['-c', path];
    },
  });
}

function mosquittoConfiguration(folder: string, port: number, extra: string): string {
  return [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'persistence true',
    `persistence_location ${folder}/`,
    'max_queued_messages 0',
    'max_inflight_messages 1000',
    'sys_interval 1',
    // Started as root, Mosquitto gives that up, and then it can't write to a folder of root.
    ...(process.getuid?.() === 0 ? ['user root'] : []),
    extra,
    '',
  ].join('\n');
}

/** InfluxDB 1.x; `environment` has settings as it reads them, such as INFLUXDB_HTTP_MAX_BODY_SIZE. */
export function startInflux(
  t: ExecutionContext,
  environment: Readonly<Record<string, string>> = {},
): Promise<ServerProcess | undefined> {
  return startServer(t, {
    name: 'influxd',
    binaries: ['/usr/bin/influxd', '/usr/local/bin/influxd'],
    scheme: 'http',
    ready: pings,
    environment,
    prepare(folder, port) {
      const path = join(folder, 'influxdb.conf');
      writeFileSync(path, influxConfiguration(folder, port));
      return ['run', '-config', path];
    },
  });
}

function influxConfiguration(folder: string, port: number): string {
  const at = (name: string) => JSON.stringify(join(folder, name));
  return `
reporting-enabled = false
bind-address = "127.0.0.1:0"
[meta]
  dir = ${at('meta')}
[data]
  dir = ${at('data')}
  wal-dir = ${at('wal')}
  query-log-enabled = false
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:${port}"
  log-enabled = false
`;
}

/** Undefined, after a log line, where it is not installed and not required. It ends with the test. */
async function startServer(t: ExecutionContext, kind: Kind): Promise<ServerProcess | undefined> {
  const binary = requireServer(t, kind.name, kind.binaries);
  if (!binary) return undefined;
  const folder = mkdtempSync(join(tmpdir(), `redtide-${kind.name}-`));
  t.teardown(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const server = await startAtFreePort(kind, binary, folder);
  process.once('exit', () => server.abandon());
  t.teardown(() => server.kill());
  return server;
}

/** Between choosing a free port and listening at it, another process may take it. */
async function startAtFreePort(
  kind: Kind,
  binary: string,
  folder: string,
  attempts = 3,
): Promise<ServerProcess> {
  const server = new ServerProcess(kind, binary, folder, await freePort());
  try {
    await server.start();
    return server;
  } catch (error) {
    if (attempts === 1) throw error;
    return startAtFreePort(kind, binary, folder, attempts - 1);
  }
}

/** Where the first of `binaries` that exists is; else undefined, and the test passes with a log line or fails. */
export function requireServer(
  t: ExecutionContext,
  name: string,
  binaries: readonly string[],
): string | undefined {
  const binary = binaries.find((path) => existsSync(path));
  if (binary) return binary;
  if (process.env['REDTIDE_REQUIRE_SERVERS'] === '1') t.fail(`${name} is required and not installed`);
  t.log(`skipped: ${name} is not installed`);
  t.pass();
  return undefined;
}

/**
 * Below those that the system gives to connections and to whoever listens at port 0 (from 32,768 on, on Linux): else
 * such a one may have the port when a server that was killed is to start again.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(12_000 * Math.random());
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const listening = once(server, 'listening');
  server.listen(port, '127.0.0.1');
  try {
    await listening;
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function pings(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/ping`, { signal: AbortSignal.timeout(2000) });
    return answer.status === 204;
  } catch {
    return false;
  }
}

/** Path of a Chromium; undefined, after a log line, where there is none and none is required. */
export function findChromium(t: ExecutionContext): string | undefined {
  return requireServer(t, 'chromium', [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
  ]);
}
