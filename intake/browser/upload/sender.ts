/**
 * Sends one sealed file over a line that may break at any byte.
 *
 * Rules: only the piece in flight is held, and goes on where the server stands; a file is sealed
 * anew, under other keys, where the server has lost what was acknowledged; whatever is not sent
 * to its end is removed.
 */
import type { Bytes, Random } from "../bytes.ts";
import { LineError } from "./failures.ts";
import type { Line } from "./line.ts";
import type { Pace } from "./pace.ts";
import type { Patience } from "./patience.ts";
import { FileSealer, type ReadBytes, sealedSize } from "./sealer.ts";

// Two minutes; what is left then, the server sweeps after a day.
const REMOVALS = 7;

/** What is sent; `check` raises FailedError where what was read is not one file. */
export interface Part {
  readonly length: number;
  readonly read: ReadBytes;
  readonly check: () => void;
}

/** What has arrived: its name in the store, the key that opens it, its digest. */
export interface Sent {
  readonly id: string;
  readonly key: string;
  readonly digest: string;
}

/** Who sends: `arrived` hears how many sealed bytes are kept, `waits` that it will go on. */
export interface Owner {
  readonly signal: AbortSignal;
  readonly arrived: (bytes: number) => void;
  readonly waits: () => void;
}

/** Where sealed bytes go; without a line, what keeps them here. */
export type Way = Pick<Line, keyof Line>;

/** Sends over one line, one file after the other. */
export class Sender {
  readonly #line: Way;
  readonly #patience: Patience;
  readonly #pace: Pick<Pace, keyof Pace>;
  readonly #random: Random;

  constructor(line: Way, patience: Patience, pace: Pick<Pace, keyof Pace>, random: Random) {
    this.#line = line;
    this.#patience = patience;
    this.#pace = pace;
    this.#random = random;
  }

  /** Return once all of it is kept. Raises FailedError, LineError where the owner stops it. */
  async send(part: Part, owner: Owner): Promise<Sent> {
    for (let tries = 0; ; ) {
      const sealer = await FileSealer.of(part.length, part.read, this.#random);
      const id = await this.#begin(sealedSize(part.length), owner);
      try {
        await this.#carry(id, sealer, sealedSize(part.length), owner);
        part.check();
        return { id, key: sealer.key, digest: await sealer.digest() };
      } catch (error) {
        void this.remove(id);
        if (!(error instanceof LineError && error.kind === "gone")) {
          throw error;
        }
      }
      owner.arrived(0);
      owner.waits();
      tries = await this.#patience.wait(tries, owner.signal);
    }
  }

  /** Remove an upload, as far as the line lasts. */
  async remove(id: string): Promise<void> {
    const { signal } = new AbortController();
    for (let tries = 0; tries < REMOVALS; ) {
      try {
        return await this.#line.end(id, signal);
      } catch (error) {
        if (!(error instanceof LineError) || error.kind === "gone") {
          return;
        }
      }
      tries = Math.max(1, await this.#patience.wait(tries, signal));
    }
  }

  /** Return the id of a new upload. It is not stopped half-way, or nobody could remove it. */
  async #begin(size: number, owner: Owner): Promise<string> {
    const { signal } = new AbortController();
    for (let tries = 0; ; ) {
      if (owner.signal.aborted) {
        throw new LineError("the file is no longer wanted", "stopped");
      }
      try {
        return await this.#line.begin(size, signal);
      } catch (error) {
        passes(error);
      }
      owner.waits();
      tries = await this.#patience.wait(tries, owner.signal);
    }
  }

  /** Send what the sealer gives, to its end. */
  async #carry(id: string, sealer: FileSealer, size: number, owner: Owner): Promise<void> {
    let at = 0;
    let tries = 0;
    let flight = new Flight(0, await sealer.take(this.#pace.size));
    for (let isSure = true; ; ) {
      try {
        if (!isSure) {
          const stands = flight.check(await this.#line.stands(id, size, owner.signal));
          tries = stands > at ? 0 : tries;
          at = stands;
        }
        at = await this.#append(id, flight, at, owner.signal);
        isSure = true;
        tries = 0;
        owner.arrived(at);
        if (at === size) {
          return;
        }
        if (at === flight.end) {
          flight = new Flight(at, await sealer.take(this.#pace.size));
        }
      } catch (error) {
        const kind = passes(error);
        if (kind === "lost") {
          this.#pace.broke();
        }
        // Asked at once where the server stands, but only once.
        const isNews = kind === "elsewhere" && isSure;
        isSure = false;
        if (!isNews) {
          owner.waits();
          tries = await this.#patience.wait(tries, owner.signal);
        }
      }
    }
  }

  /** Send the next bytes of what is in flight; return how many of all are kept then. */
  async #append(id: string, flight: Flight, at: number, signal: AbortSignal): Promise<number> {
    // None where all are kept: the server is asked to look at the whole once more.
    const part = flight.from(at, this.#pace.size);
    const begun = Date.now();
    const kept = flight.check(await this.#line.append(id, at, part, signal));
    if (kept < at + Math.min(part.length, 1)) {
      throw new LineError("the server kept nothing, ask where it stands", "lost");
    }
    this.#pace.arrived(kept - at, Date.now() - begun);
    return kept;
  }
}

/** The piece in flight: sealed bytes, and where in the upload they begin. */
class Flight {
  readonly end: number;
  readonly #start: number;
  readonly #piece: Bytes;

  constructor(start: number, piece: Bytes) {
    this.#start = start;
    this.#piece = piece;
    this.end = start + piece.length;
  }

  /** Return at most `size` bytes from an offset of the upload. */
  from(at: number, size: number): Bytes {
    return this.#piece.subarray(at - this.#start, at - this.#start + size);
  }

  /** Return where the server stands. Raises LineError where it lost what it had kept. */
  check(at: number): number {
    if (at < this.#start || at > this.end) {
      throw new LineError("the server stands where nothing is held, begin anew", "gone");
    }
    return at;
  }
}

/** Return the kind of an error after which one waits and asks again; raises all others. */
function passes(error: unknown): "lost" | "busy" | "elsewhere" {
  if (error instanceof LineError && error.kind !== "stopped" && error.kind !== "gone") {
    return error.kind;
  }
  throw error;
}
