import { StoreUnavailable } from './store.ts';

/** Calls to a server that have a deadline each, and can be ended together. */
export class UnderWay {
  readonly #name: string;
  readonly #calls = new Set<AbortController>();

  /** @param name what errors call the server. */
  constructor(name: string) {
    this.#name = name;
  }

  /**
   * Settles within `ms`, whether `act` does or not: the promises of some clients never do.
   *
   * @throws {StoreUnavailable} with the reason, for whatever `act` throws.
   */
  async within<T>(ms: number, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const call = new AbortController();
    const timer = setTimeout(() => call.abort(new Error(`no whole answer within ${ms} ms`)), ms);
    this.#calls.add(call);
    try {
      return await Promise.race([act(call.signal), rejectionOf(call.signal)]);
    } catch (error) {
      throw this.#unavailable(call.signal.aborted ? call.signal.reason : error);
    } finally {
      clearTimeout(timer);
      this.#calls.delete(call);
    }
  }

  endAll(): void {
    for (const call of this.#calls) call.abort(new Error('the store was closed'));
  }

  #unavailable(error: unknown): StoreUnavailable {
    if (error instanceof StoreUnavailable) return error;
    // What `fetch` says itself is "fetch failed"; the cause has the code of the socket.
    const { message, cause } = error as Error & { readonly cause?: Error & { readonly code?: string } };
    const reason = cause?.message || cause?.code || message || 'the connection was cut';
    return new StoreUnavailable(`${this.#name}: ${reason}`, undefined, error);
  }
}

function rejectionOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
}
