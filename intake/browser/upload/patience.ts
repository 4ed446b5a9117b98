/** Waiting until a line may be there again: 1, 2, 4 … 30 seconds, or until one is told so. */

const LONGEST = 30;
// A quarter more or less, so that not all phones of a place come back at once.
const SPREAD = 0.25;

/** Wakes all who wait. */
export class Patience {
  readonly #sleepers = new Set<() => void>();
  readonly #second: number;

  /** `second` is in milliseconds; tests have shorter ones. */
  constructor(second = 1000) {
    this.#second = second;
  }

  /** Wait after so many tries in vain, from 0; return how many there were now, 0 if woken. */
  async wait(tries: number, signal: AbortSignal): Promise<number> {
    const seconds = Math.min(LONGEST, 2 ** tries) * (1 + SPREAD * (2 * Math.random() - 1));
    const isWoken = await this.#sleep(seconds * this.#second, signal);
    return isWoken ? 0 : tries + 1;
  }

  /** A line is there: whoever waits tries at once. */
  wake(): void {
    for (const wake of this.#sleepers) {
      wake();
    }
  }

  async #sleep(milliseconds: number, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) {
      return false;
    }
    let wake: () => void = () => undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const woken = new Promise<boolean>((done) => {
      wake = () => done(true);
      timer = setTimeout(done, milliseconds, false);
    });
    this.#sleepers.add(wake);
    signal.addEventListener("abort", wake);
    try {
      return await woken;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", wake);
      this.#sleepers.delete(wake);
    }
  }
}
