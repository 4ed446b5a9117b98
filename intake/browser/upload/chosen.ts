/**
 * A file that a person chose, read here and there.
 *
 * Rule: it is one and the same from the first byte to the last, or an error.
 */
import type { Bytes } from "../bytes.ts";
import { FailedError } from "./failures.ts";

/** A file; `size` is that of the moment it was taken. */
export class Chosen {
  readonly size: number;
  readonly #file: Blob;
  readonly #modified: number | undefined;

  constructor(file: Blob) {
    this.#file = file;
    this.size = file.size;
    this.#modified = modified(file);
  }

  /** Return so many bytes from an offset. Raises FailedError. */
  async read(offset: number, size: number): Promise<Bytes> {
    let buffer;
    try {
      buffer = await this.#file.slice(offset, offset + size).arrayBuffer();
    } catch (error) {
      throw isChange(error)
        ? changed()
        : new FailedError("the file cannot be read, choose it again", "unreadable");
    }
    if (buffer.byteLength !== size) {
      throw changed();
    }
    return new Uint8Array(buffer);
  }

  /** Raises FailedError unless the file is as it was. */
  check(): void {
    if (this.#file.size !== this.size || modified(this.#file) !== this.#modified) {
      throw changed();
    }
  }
}

/** What was recorded in the page has no time. */
function modified(file: Blob): number | undefined {
  return (file as Partial<File>).lastModified;
}

function isChange(error: unknown): boolean {
  return error instanceof Error && error.name === "NotReadableError";
}

function changed(): FailedError {
  return new FailedError("the file changed after it was chosen, choose it again", "changed");
}
