/**
 * A small age file sealed with a passphrase: an identity file, as `age -p` makes it.
 *
 * Source: C2SP age specification, section "The scrypt recipient type". Rules: a passphrase stands
 * alone; the work is bounded before any is done; the page goes on living while it is done; nothing
 * is handed out before all of it is authentic.
 */
import { scryptAsync } from "@noble/hashes/scrypt.js";
import { type Bytes, concat, utf8 } from "../bytes.ts";
import { AsideError, OpenError } from "../errors.ts";
import { opening } from "../primitives/chosen.ts";
import { VERSION_LINE } from "./age.ts";
import { bytes, checkMac, HEADER, MAC_SIZE, openPayload, WRAPPED_SIZE } from "./open.ts";

// As in intake.crypto.unseal: 1 GiB of memory; above it, a hostile file would stop the machine.
export const MAX_WORK_FACTOR = 20;
const SALT_SIZE = 16;
const SALT_LABEL = utf8("age-encryption.org/v1/scrypt");
const BLOCK = 8;
const KEY_SIZE = 32;
const NONCE = new Uint8Array(12);

const START = `${VERSION_LINE}-> scrypt `;
const FILE =
  /^.*\n-> scrypt ([A-Za-z0-9+/]{22}) ([1-9][0-9]?)\n([A-Za-z0-9+/]{43})\n--- ([A-Za-z0-9+/]{43})\n/;

/** What the header of such a file says. */
interface Header {
  readonly salt: Bytes;
  readonly workFactor: number;
  readonly wrapped: Bytes;
  readonly mac: Bytes;
  readonly before: Bytes;
  readonly payload: Bytes;
}

/** Whether a file, of which this is the beginning, is sealed with a passphrase. */
export function isByPassphrase(start: string): boolean {
  return start.startsWith(START);
}

/**
 * Return what was sealed with the passphrase; `tell` hears how much of the work is done, up to 1.
 * Raises AsideError where that would be too much; OpenError, where the passphrase is another with
 * the code `closed`; RangeError where the device lacks the memory.
 */
export async function open(
  file: Bytes,
  passphrase: string,
  tell: (share: number) => void,
): Promise<Bytes> {
  const header = parse(file);
  if (header.workFactor > MAX_WORK_FACTOR) {
    throw new AsideError("work");
  }
  const key = (await scryptAsync(utf8(passphrase), concat(SALT_LABEL, header.salt), {
    N: 2 ** header.workFactor,
    r: BLOCK,
    p: 1,
    dkLen: KEY_SIZE,
    maxmem: 2 ** (MAX_WORK_FACTOR + 11),
    onProgress: tell,
  })) as Bytes;
  const decipher = await opening.decipher(key);
  let fileKey: Bytes;
  try {
    fileKey = await decipher(NONCE, header.wrapped);
  } catch {
    throw new OpenError("the passphrase is another one", "closed");
  }
  await checkMac(fileKey, header.before, header.mac);
  return openPayload(fileKey, header.payload);
}

function parse(file: Bytes): Header {
  const text = String.fromCharCode(...file.subarray(0, HEADER));
  const found = isByPassphrase(text) ? FILE.exec(text) : null;
  if (!found) {
    throw new OpenError("the header is cut off, or of another kind", "altered");
  }
  const [whole, salt = "", work = "", wrapped = "", mac = ""] = found;
  return {
    salt: bytes(salt, SALT_SIZE),
    workFactor: Number(work),
    wrapped: bytes(wrapped, WRAPPED_SIZE),
    mac: bytes(mac, MAC_SIZE),
    before: utf8(whole.slice(0, whole.lastIndexOf("---") + 3)),
    payload: file.slice(whole.length),
  };
}
