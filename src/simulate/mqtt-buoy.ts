import mqtt, { type MqttClient } from 'mqtt';

export interface MqttBuoyOptions {
  /** mqtt://, mqtts://, ws:// or wss:// */
  readonly url: string;
  /** Its own at the broker: another client with the same one would push it out. */
  readonly clientId: string;
  readonly topic: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Messages published and not yet acknowledged. */
  readonly maxInFlight: number;
  /** Records that one message may carry. */
  readonly maxBatch: number;
  readonly report: (what: string) => void;
}

/**
 * One buoy as a gateway on land would see it: it publishes its records at QoS 1, keeps what it cannot send, and
 * forgets a record only when the broker has acknowledged it. What piles up goes out in batches, oldest first.
 */
export class MqttBuoy {
  readonly #options: MqttBuoyOptions;
  readonly #client: MqttClient;
  #kept: object[] = [];
  #inFlight = 0;
  #acknowledged = 0;
  #drained: (() => void) | undefined;

  constructor(options: MqttBuoyOptions) {
    const { url, clientId, username, password } = options;
    this.#options = options;
    this.#client = mqtt.connect(url, {
      clientId,
      clean: false,
      reconnectPeriod: 250,
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
    });
    this.#client.on('connect', () => this.#connected());
    this.#client.on('error', (error) => this.#report(error.message || String(error)));
    this.#client.on('offline', () => this.#report('broker away, records are kept'));
  }

  /** Records that the broker has acknowledged. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Adds records to what is to be sent, and sends what may go now. */
  send(records: readonly object[]): void {
    this.#kept.push(...records);
    this.#flush();
  }

  /** Resolves when everything is acknowledged. */
  async drained(): Promise<void> {
    if (!this.#empty) await new Promise<void>((resolve) => (this.#drained = resolve));
  }

  async close(): Promise<void> {
    await this.#client.endAsync(true);
  }

  get #empty(): boolean {
    return this.#kept.length === 0 && this.#inFlight === 0;
  }

  #connected(): void {
    this.#report('connected');
    this.#flush();
  }

  #flush(): void {
    const { maxInFlight, maxBatch } = this.#options;
    while (this.#client.connected && this.#kept.length > 0 && this.#inFlight < maxInFlight)
      this.#publish(this.#kept.splice(0, maxBatch));
  }

  /** MQTT.js sends what is in flight again after a reconnection, and calls back only once it is acknowledged. */
  #publish(records: object[]): void {
    const payload = JSON.stringify(records.length === 1 ? records[0] : records);
    this.#inFlight++;
    this.#client.publish(this.#options.topic, payload, { qos: 1 }, (error) => {
      this.#inFlight--;
      if (error) this.#kept.unshift(...records);
      else this.#acknowledged += records.length;
      if (!error) this.#flush();
      if (this.#empty) this.#drained?.();
    });
  }

  #report(what: string): void {
    this.#options.report(`${this.#options.clientId}: ${what}`);
  }
}
