/**
 * A tar of regular files, as POSIX.1-1988 writes it (ustar), and no other; as
 * `intake.core.ustar` reads it.
 *
 * Rules: the same members give the same bytes: no time, no owner, one mode; a content is a Blob
 * and is never copied.
 */
import { type Bytes, concat, utf8 } from "../bytes.ts";

export interface Member {
  /** ASCII without a slash. */
  readonly name: string;
  readonly content: Blob;
}

const BLOCK = 512;
const NAME_SIZE = 100;
/** A size is eleven octal digits. */
export const LARGEST = 8 ** 11 - 1;

/** Return the archive. Raises RangeError for a name or a size that no header can state. */
export function ustar(members: readonly Member[]): Blob {
  const parts: BlobPart[] = [];
  for (const { name, content } of members) {
    const padding = (BLOCK - (content.size % BLOCK)) % BLOCK;
    parts.push(header(name, content.size), content, new Uint8Array(padding));
  }
  return new Blob([...parts, new Uint8Array(2 * BLOCK)], { type: "application/x-tar" });
}

function header(name: string, size: number): Bytes {
  if (utf8(name).length > NAME_SIZE || size > LARGEST) {
    throw new RangeError("no header can state this");
  }
  const fields = [
    field(name, NAME_SIZE),
    field("0000600", 8),
    field("0000000", 8),
    field("0000000", 8),
    field(octal(size, 11), 12),
    field("00000000000", 12),
    // The sum is taken with spaces in its own place.
    utf8(" ".repeat(8)),
    field("0", 1),
    field("", NAME_SIZE),
    field("ustar", 6),
    field("00", 2),
    field("", 64),
    field("0000000", 8),
    field("0000000", 8),
    field("", 167),
  ];
  const made = concat(...fields);
  const sum = made.reduce((total, byte) => total + byte, 0);
  made.set(utf8(`${octal(sum, 6)}\0 `), 148);
  return made;
}

function field(text: string, size: number): Bytes {
  const made = new Uint8Array(size);
  made.set(utf8(text));
  return made;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}
