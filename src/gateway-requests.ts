import type { Outcome } from './pipeline.ts';
import type { BackfillRequest } from './stream/backfill.ts';

export interface GatewayRequestsOptions {
  /** Topic with `{station}` on which a gateway is asked for what never arrived; it is not asked where absent. */
  readonly topic: () => string | undefined;
  /** Resolves once the broker has it; where it rejects, it is tried again at the next `send`. */
  readonly publish: (
    topic: string,
    payload: string,
    options: { readonly qos: 1; readonly retain: false },
  ) => Promise<unknown>;
  readonly report: (what: string) => void;
}

/** Of more the oldest goes: a request that was lost is made again, up to `attempts`. */
const most = 10_000;

/**
 * Requests to gateways on their way to the broker. They are held back while old records are caught up with: what has
 * come by then is not asked for, and of several requests for one gap only the last goes out. In memory alone, since a
 * request that is lost is made again.
 */
export class GatewayRequests {
  readonly #options: GatewayRequestsOptions;
  readonly #waiting = new Map<string, BackfillRequest>();

  constructor(options: GatewayRequestsOptions) {
    this.#options = options;
  }

  take(outcomes: readonly Outcome[]): void {
    for (const outcome of outcomes) {
      if (outcome.kind === 'backfill') this.#hold(outcome);
      else if (outcome.kind === 'gap' && outcome.state !== 'open')
        this.#waiting.delete(keyOf(outcome.station, outcome));
    }
  }

  /** Publishes what waits. */
  async send(): Promise<void> {
    const topic = this.#options.topic();
    const requests = [...this.#waiting];
    this.#waiting.clear();
    if (topic === undefined) return;
    await Promise.all(requests.map(([key, request]) => this.#publish(key, request, topic)));
  }

  #hold(request: BackfillRequest): void {
    const key = keyOf(request.station, request.sequence);
    this.#waiting.delete(key);
    this.#waiting.set(key, request);
    if (this.#waiting.size > most) this.#waiting.delete(this.#waiting.keys().next().value!);
  }

  async #publish(key: string, request: BackfillRequest, pattern: string): Promise<void> {
    const topic = requestTopic(pattern, request.station);
    if (topic === undefined) return this.#options.report(`${request.station}: no level of a topic`);
    try {
      await this.#options.publish(topic, requestPayload(request), { qos: 1, retain: false });
    } catch (error) {
      if (!this.#waiting.has(key)) this.#hold(request);
      this.#options.report((error as Error).message);
    }
  }
}

/** A silence has no numbers; a station has one of them at most. */
const keyOf = (station: string, numbers?: { readonly stream: string; readonly first: number }) =>
  JSON.stringify([station, numbers?.stream, numbers?.first]);

/** Undefined where the name of the station cannot be one level of a topic (MQTT 5 clause 4.7). */
export function requestTopic(pattern: string, station: string): string | undefined {
  return station === '' || /[+#/\0]/.test(station) ? undefined : pattern.replace('{station}', () => station);
}

/** What the gateway gets (docs/payload.md): JSON, times in ISO 8601. */
export function requestPayload({
  station,
  from,
  to,
  sequence,
  attempt,
  time,
}: Omit<BackfillRequest, 'kind'>): string {
  const body = { station, from: iso(from), to: iso(to), sequence, attempt, time: iso(time) };
  return JSON.stringify(body);
}

const iso = (time: number | null) =>
  time !== null && Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : null;
