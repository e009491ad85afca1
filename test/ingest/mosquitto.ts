import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';

const binary = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto'].find(existsSync);

/** A Mosquitto of its own, with persistence, that a test can stop and start. */
export class Mosquitto {
  readonly port: number;
  readonly #folder: string;
  readonly #extra: string;
  #process: ChildProcess | undefined;

  private constructor(port: number, extra: string) {
    this.port = port;
    this.#extra = extra;
    this.#folder = mkdtempSync(join(tmpdir(), 'redtide-mosquitto-'));
  }

  /** Undefined, after a log line, where Mosquitto is missing and not required. */
  static async start(t: ExecutionContext, extra = ''): Promise<Mosquitto | undefined> {
    if (!binary) {
      if (process.env['REDTIDE_REQUIRE_SERVERS'] === '1') t.fail('mosquitto is required and not installed');
      t.log('skipped: mosquitto is not installed');
      t.pass();
      return undefined;
    }
    const broker = new Mosquitto(await freePort(), extra);
    t.teardown(async () => {
      await broker.stop();
      rmSync(broker.#folder, { recursive: true, force: true });
    });
    await broker.start();
    return broker;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const path = join(this.#folder, 'mosquitto.conf');
    const lines = [
      `listener ${this.port} 127.0.0.1`,
      'allow_anonymous true',
      'persistence true',
      `persistence_location ${this.#folder}/`,
      'max_queued_messages 0',
      'max_inflight_messages 1000',
      'sys_interval 1',
      this.#extra,
    ];
    writeFileSync(path, lines.join('\n'));
    const user = process.getuid?.() === 0 ? ['root'] : [];
    if (user.length > 0) writeFileSync(path, [...lines, 'user root'].join('\n'));
    this.#process = spawn(binary!, ['-c', path], { stdio: 'ignore' });
    await reachable(this.port);
  }

  /** SIGTERM: Mosquitto saves its sessions and queues. */
  async stop(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

async function reachable(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const socket = connect(port, '127.0.0.1');
    const open = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`nothing listens on port ${port}`);
}
