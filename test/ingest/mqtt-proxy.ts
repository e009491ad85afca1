import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { ExecutionContext } from 'ava';
import { type Packet, parser } from 'mqtt-packet';

/** Stands between a client and its broker and counts what the client really sends. */
export class MqttProxy {
  readonly port: number;
  readonly #counts = new Map<Packet['cmd'], number>();

  private constructor(port: number) {
    this.port = port;
  }

  static async start(t: ExecutionContext, brokerPort: number, protocolVersion: 4 | 5): Promise<MqttProxy> {
    const sockets = new Set<Socket>();
    const server = createServer((client) => {
      const broker = connect(brokerPort, '127.0.0.1');
      const packets = parser({ protocolVersion });
      packets.on('packet', ({ cmd }: Packet) => proxy.#counts.set(cmd, proxy.count(cmd) + 1));
      client.on('data', (chunk: Buffer) => packets.parse(chunk));
      client.pipe(broker).pipe(client);
      for (const [one, other] of [
        [client, broker],
        [broker, client],
      ] as const) {
        sockets.add(one);
        one.on('error', () => {});
        one.on('close', () => other.destroy());
      }
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new MqttProxy((server.address() as { port: number }).port);
    t.teardown(() => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
    return proxy;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  count(cmd: Packet['cmd']): number {
    return this.#counts.get(cmd) ?? 0;
  }
}
