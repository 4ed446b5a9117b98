// A file read here and there, within limits that no file can stretch. The limits and their
// reasons stand in intake/media/source.py.
//
// Rules kept here:
// - Nothing outside the file is asked for, and a short answer is damage.
// - Reads and steps are counted, so that a file that leads in circles ends.
// - At most one window is held: SMALL bytes or fewer.

import { type Bytes, toBytes } from "./bytes.ts";

/** Returns so many bytes from an offset. */
export type Read = (offset: number, size: number) => Promise<Uint8Array>;

export const WINDOW = 16 * 1024;
export const SMALL = 256 * 1024;
export const PIECE = 64 * 1024;
const BLANK_LIMIT = 16 * 1024 * 1024;
const MAX_READS = 1 << 15;
const MAX_STEPS = 1 << 16;

/** The structure of a file cannot be followed; only this package sees it. */
export class DamagedError extends Error {}

export class Source {
  readonly size: number;
  readonly #read: Read;
  #start = 0;
  #window: Uint8Array = new Uint8Array();
  #reads = 0;
  #steps = 0;

  constructor(read: Read, size: number) {
    this.#read = read;
    this.size = size;
  }

  /** Returns exactly `size` bytes from `offset`. Throws DamagedError. */
  async at(offset: number, size: number): Promise<Bytes> {
    return toBytes(await this.view(offset, size));
  }

  /** Returns up to `size` bytes from `offset`, fewer only at the end of the file. */
  async head(offset: number, size: number): Promise<Bytes> {
    return this.at(offset, Math.max(0, Math.min(size, this.size - offset)));
  }

  /** Counts a box, chunk or segment. Throws DamagedError when there are too many. */
  step(): void {
    if (++this.#steps > MAX_STEPS) throw new DamagedError();
  }

  /** Returns whether a region holds only zeros, as far as it is short enough to search. */
  async blank(offset: number, length: number): Promise<boolean> {
    if (length > BLANK_LIMIT) return false;
    const end = offset + length;
    for (let at = offset; at < end; at += PIECE) {
      const piece = await this.view(at, Math.min(PIECE, end - at));
      if (piece.some(Boolean)) return false;
    }
    return true;
  }

  /** Returns the same as `at`, as it was read, until the next read. */
  async view(offset: number, size: number): Promise<Uint8Array> {
    if (offset < 0 || size < 0 || size > SMALL || offset + size > this.size) {
      throw new DamagedError();
    }
    let start = offset - this.#start;
    if (start < 0 || start + size > this.#window.length) {
      if (++this.#reads > MAX_READS) throw new DamagedError();
      const length = Math.min(Math.max(size, WINDOW), this.size - offset);
      const window = await this.#read(offset, length);
      if (window.length !== length) throw new DamagedError();
      this.#window = window;
      this.#start = offset;
      start = 0;
    }
    return this.#window.subarray(start, start + size);
  }
}
