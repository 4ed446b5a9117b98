/**
 * Sealed files that stay here: what `upload/line.ts` sends to a server, this hands to the page.
 *
 * Rule: a file is told to the page once it is whole, and forgotten there once it is not wanted.
 */
import { type Bytes, hex, type Random } from "../bytes.ts";
import { FailedError, LineError } from "../upload/failures.ts";
import type { Way } from "../upload/sender.ts";

/** To the page: a whole sealed file under its name, or that a name is no longer wanted. */
export type Given =
  | { readonly event: "kept"; readonly id: string; readonly sealed: Blob }
  | { readonly event: "dropped"; readonly id: string };

/** A file that is not whole yet. */
interface Growing {
  readonly size: number;
  readonly pieces: Blob[];
  at: number;
}

export class Keeper implements Way {
  /** The largest sealed file that whoever takes it in will take, in bytes. */
  most = 0;
  readonly #give: (given: Given) => void;
  readonly #random: Random;
  readonly #growing = new Map<string, Growing>();

  constructor(give: (given: Given) => void, random: Random) {
    this.#give = give;
    this.#random = random;
  }

  /** Return the id of a new file of `size` bytes. Raises FailedError. */
  async begin(size: number): Promise<string> {
    if (size > this.most) {
      throw new FailedError("nobody takes a file of this size, take less of it", "too_large");
    }
    const id = hex(this.#random(16));
    this.#growing.set(id, { size, pieces: [], at: 0 });
    return id;
  }

  /** Return how many bytes of a file are kept. Raises LineError. */
  async stands(id: string): Promise<number> {
    return this.#find(id).at;
  }

  /** Keep `part` at `offset`; return how many bytes are kept. Raises LineError. */
  async append(id: string, offset: number, part: Bytes, signal: AbortSignal): Promise<number> {
    const file = this.#find(id);
    if (signal.aborted) {
      throw new LineError("the file is no longer wanted", "stopped");
    }
    if (offset === file.at) {
      // A Blob: the browser may lay it on the disk, where only what is sealed may lie.
      file.pieces.push(new Blob([part]));
      file.at += part.length;
    }
    if (file.at === file.size) {
      this.#give({ event: "kept", id, sealed: new Blob(file.pieces) });
    }
    return file.at;
  }

  /** Forget a file. */
  async end(id: string): Promise<void> {
    this.#growing.delete(id);
    this.#give({ event: "dropped", id });
  }

  #find(id: string): Growing {
    const file = this.#growing.get(id);
    if (!file) {
      throw new LineError("the file is gone, begin anew", "gone");
    }
    return file;
  }
}
