/** How much is sent at once: little on a slow line, where little is lost when it breaks. */

// A second of a slow line, and a breath of a fast one: more would only cost memory.
const FIRST = 256 * 1024;
const LARGEST = 4 * 1024 * 1024;
// Arrives within a minute at 300 bytes a second.
const SMALLEST = 16 * 1024;
const BRISK_MS = 2000;

/** The size of the next piece, in bytes. */
export class Pace {
  #size = FIRST;

  get size(): number {
    return this.#size;
  }

  /** A piece of `size` bytes arrived within so many milliseconds. */
  arrived(size: number, took: number): void {
    // A short one, the last of a file, tells nothing.
    if (size === this.#size && took < BRISK_MS) {
      this.#size = Math.min(LARGEST, this.#size * 2);
    }
  }

  /** The line broke. */
  broke(): void {
    this.#size = Math.max(SMALLEST, this.#size / 2);
  }
}
