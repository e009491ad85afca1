/** Counts what is under way, so that many rows share a sync and memory stays bounded. */
export class PendingWindow {
  readonly #maximum: number;
  #count = 0;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(maximum: number) {
    this.#maximum = maximum;
  }

  add(work: Promise<unknown>): void {
    this.#count++;
    work.then(
      () => this.#done(undefined),
      (error) => this.#done(error),
    );
  }

  async room(): Promise<void> {
    while (this.#count >= this.#maximum && !this.#failure) await this.#change();
    if (this.#failure) throw this.#failure;
  }

  async empty(): Promise<void> {
    while (this.#count > 0) await this.#change();
    if (this.#failure) throw this.#failure;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }

  #done(error: Error | undefined): void {
    this.#count--;
    this.#failure ??= error;
    this.#wake?.();
  }
}
