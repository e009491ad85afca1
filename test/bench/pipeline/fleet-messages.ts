// Messages of a fleet as its gateways send them, and a publisher that costs next to nothing.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { generate } from 'mqtt-packet';

export const cadence = 600_000;
export const variables = ['chlorophyll', 'dissolvedOxygen', 'salinity', 'waterTemperature', 'airTemperature'];
const middles = [3, 8, 33, 22, 24];

export const stationsOf = (count: number) => Array.from({ length: count }, (_, at) => `S${at}`);

/** Round by round: each station measures at the cadence, with a second of its own, and says so much at once. */
export function* fleetMessages(stations: number, values: number, start: number, rounds: number) {
  const ids = stationsOf(stations);
  for (let round = 0; round < rounds; round++)
    for (const [at, id] of ids.entries()) {
      const time = new Date(start + round * cadence + ((at * 997) % 500_000)).toISOString();
      const said = variables
        .slice(0, values)
        .map((name, column) => [
          name,
          Number((middles[column]! + Math.sin(round * 0.7 + at + column)).toFixed(3)),
        ]);
      yield {
        topic: `buoys/${id}/telemetry`,
        payload: JSON.stringify({ time, values: Object.fromEntries(said) }),
      };
    }
}

/** Writes QoS 1 publications on a bare socket and reads past the answers. */
export class Publisher {
  readonly #socket: Socket;
  #id = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static async connect(port: number): Promise<Publisher> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.setNoDelay(true);
    socket.write(generate({ cmd: 'connect', clientId: 'gateways', clean: true, keepalive: 0 }));
    await once(socket, 'data');
    socket.resume();
    return new Publisher(socket);
  }

  /** The bytes of a publication; made beforehand, they cost nothing while the clock runs. */
  packet({ topic, payload }: { topic: string; payload: string }): Buffer {
    this.#id = (this.#id % 65_535) + 1;
    const [dup, retain] = [false, false];
    return generate({ cmd: 'publish', qos: 1, messageId: this.#id, topic, payload, dup, retain });
  }

  async send(bytes: Buffer): Promise<void> {
    if (!this.#socket.write(bytes)) await once(this.#socket, 'drain');
  }

  close(): void {
    this.#socket.destroy();
  }
}
