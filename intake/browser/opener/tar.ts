/**
 * The files in a tar: what the offline form saves, and what any tar program makes of the same.
 *
 * Rules: nothing is unpacked to anywhere; a member is a slice of the file that was chosen; folders
 * and what describes others are passed over, links, devices and the like are named; a tar that ends
 * too soon or cannot be followed gives what came before, and says so.
 */
import { read } from "../crypto/chunks.ts";
import { AsideError } from "../errors.ts";

/** A file by the name that stands in the tar, without its folders. */
export interface Member {
  readonly name: string;
  readonly content: Blob;
}

/** What a tar holds, and what is wrong with it. */
export interface Contents {
  readonly members: readonly Member[];
  readonly problem: AsideError | null;
}

const BLOCK = 512;
const WINDOW = 128 * BLOCK;
const SUM = { start: 148, end: 156 };
/** A case has some dozens; a hostile tar could name millions of empty files. */
const MOST = 10_000;
const OCTAL = /^ *[0-7]{1,11}[\0 ]*$/;
// POSIX.1-2001 and GNU: a regular file, and what stands before or between files.
const REGULAR = ["0", "\0", "7"];
const PASSED_OVER = ["5", "x", "g", "L", "K", "V"];

/** Whether a file begins as a tar does. Raises AsideError. */
export async function isTar(file: Blob): Promise<boolean> {
  const block = await read(file, 0, BLOCK);
  return block.length === BLOCK && isHeader(block);
}

/** Return the files in a tar. Raises AsideError where it cannot be read at all. */
export async function contents(file: Blob): Promise<Contents> {
  const members: Member[] = [];
  const blocks = new Blocks(file);
  const end = (problem: AsideError | null): Contents => ({ members, problem });
  let isStrange = false;
  for (let at = 0, headers = 0; ; headers += 1) {
    if (headers === MOST) {
      return end(new AsideError("many"));
    }
    const block = await blocks.at(at);
    if (block.length < BLOCK) {
      return end(new AsideError("tar_cut"));
    }
    if (block.every((byte) => byte === 0)) {
      return end(isStrange ? new AsideError("tar_strange") : null);
    }
    const size = isHeader(block) ? number(block, 124, 136) : null;
    if (size === null) {
      return end(new AsideError("tar_strange"));
    }
    at += BLOCK;
    const kind = text(block, 156, 157);
    if (REGULAR.includes(kind || "\0")) {
      if (at + size > file.size) {
        return end(new AsideError("tar_cut"));
      }
      members.push({ name: baseName(block), content: file.slice(at, at + size) });
    } else if (!PASSED_OVER.includes(kind)) {
      isStrange = true;
    }
    at += Math.ceil(size / BLOCK) * BLOCK;
  }
}

/** Reads blocks, many at once: ten thousand empty files stand side by side. */
class Blocks {
  readonly #file: Blob;
  #start = 0;
  #window = new Uint8Array(0);

  constructor(file: Blob) {
    this.#file = file;
  }

  /** Return the block at an offset, less of it at the end. Raises AsideError. */
  async at(offset: number): Promise<Uint8Array> {
    const within = offset - this.#start;
    if (within < 0 || within + BLOCK > this.#window.length) {
      this.#window = await read(this.#file, offset, WINDOW);
      this.#start = offset;
    }
    return this.#window.subarray(offset - this.#start, offset - this.#start + BLOCK);
  }
}

/** Whether the sum of a block is right, taken with spaces in its own place. */
function isHeader(block: Uint8Array): boolean {
  const wanted = number(block, SUM.start, SUM.end);
  const inSum = (at: number): boolean => at >= SUM.start && at < SUM.end;
  return wanted === block.reduce((sum, byte, at) => sum + (inSum(at) ? 0x20 : byte), 0);
}

function number(block: Uint8Array, start: number, end: number): number | null {
  const digits = String.fromCharCode(...block.subarray(start, end));
  return OCTAL.test(digits) ? parseInt(digits, 8) : null;
}

/** Return a field up to its first zero. */
function text(block: Uint8Array, start: number, end: number): string {
  const field = block.subarray(start, end);
  const stop = field.indexOf(0);
  return new TextDecoder().decode(stop < 0 ? field : field.subarray(0, stop));
}

function baseName(block: Uint8Array): string {
  return text(block, 0, 100).split("/").pop() ?? "";
}
