/**
 * The text form of an age file, as `intake.crypto.armor` reads it; for small files.
 *
 * Source: C2SP age specification, section "ASCII armor". Rules: canonical base64 in lines of 64
 * characters, of which only the last may be shorter; at most 1 KiB of white space on either side.
 */
import { base64, type Bytes } from "../bytes.ts";
import { OpenError } from "../errors.ts";

const BEGIN = "-----BEGIN AGE ENCRYPTED FILE-----";
const END = "-----END AGE ENCRYPTED FILE-----";
const COLUMNS = 64;
const WHITESPACE = 1024;
// What Python calls white space in bytes.
const SPACE = "[ \\t\\n\\r\\v\\f]";
const FILE = new RegExp(
  `^${SPACE}{0,${WHITESPACE}}${BEGIN}\\r?\\n([A-Za-z0-9+/=\\r\\n]*?)${END}${SPACE}{0,${WHITESPACE}}$`,
);

/** Whether a file that begins with `start` means to be armored. */
export function isArmored(start: string): boolean {
  return new RegExp(`^${SPACE}*-----BEGIN`).test(start);
}

/** Return the file inside the armor. Raises OpenError. */
export function decode(text: string): Bytes {
  const body = FILE.exec(text)?.[1];
  const lines = body?.replace(/\r\n/g, "\n").split("\n");
  // Each line ends in a line feed, the last one too.
  if (!lines || lines.pop() !== "") {
    throw refused();
  }
  const isFull = lines.every((line, at) =>
    at < lines.length - 1 ? line.length === COLUMNS : line.length > 0 && line.length <= COLUMNS,
  );
  if (!isFull) {
    throw refused();
  }
  const joined = lines.join("");
  let data: Bytes;
  try {
    data = Uint8Array.from(atob(joined), (letter) => letter.charCodeAt(0));
  } catch {
    throw refused();
  }
  // Also where padding stands inside, or bits are left over.
  if (base64(data) !== joined) {
    throw refused();
  }
  return data;
}

function refused(): OpenError {
  return new OpenError("the armor is not as an age file has it, get the file again", "altered");
}
