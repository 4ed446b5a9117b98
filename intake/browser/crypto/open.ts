/**
 * Opening what was sealed to an identity: a header and its payload, kept apart.
 *
 * Rules, as in `intake.crypto`: a header has one spelling, and is small; its MAC counts; a share
 * that everyone knows is refused; nothing of a payload is handed out before all of it is
 * authentic, and its last chunk is where it ends.
 */
import { type Bytes, concat, utf8 } from "../bytes.ts";
import { KeyTextError, OpenError } from "../errors.ts";
import { opening } from "../primitives/chosen.ts";
import { hmac } from "../primitives/hashing.ts";
import type { Sealed } from "./age.ts";
import { INFO, unpadded, VERSION_LINE } from "./age.ts";
import { deriveKey } from "./hkdf.ts";
import { ENCAPSULATED_SIZE, open as openMessage } from "./hpke.ts";
import {
  CHUNK_SIZE,
  chunkNonce,
  FILE_KEY_SIZE,
  NONCE_SIZE,
  payloadKey,
  TAG_SIZE,
} from "./stream.ts";

// As in intake.core.limits: a witness and four keys of an office need 8 KiB.
export const HEADER = 16 * 1024;
// An entry of the largest bucket, a MiB, in sixteen chunks.
const PAYLOAD = NONCE_SIZE + 1024 * 1024 + 16 * TAG_SIZE;
export const WRAPPED_SIZE = FILE_KEY_SIZE + TAG_SIZE;
export const MAC_SIZE = 32;

// 1120 and 32 bytes in base64 without padding; a body of 43 letters is its own short last line.
const STANZA = /^-> mlkem768x25519 ([A-Za-z0-9+/]{1494})\n([A-Za-z0-9+/]{43})\n/;
const END = /^--- ([A-Za-z0-9+/]{43})\n$/;

interface Stanza {
  readonly encapsulated: Bytes;
  readonly wrapped: Bytes;
}

interface Header {
  readonly stanzas: readonly Stanza[];
  readonly mac: Bytes;
  /** What the MAC is taken over. */
  readonly before: Bytes;
}

/** Return what was sealed to the identity `seed`, 32 bytes: all of it or nothing. Raises OpenError. */
export async function open({ header, payload }: Sealed, seed: Bytes): Promise<Bytes> {
  return openPayload(await fileKeyOf(header, seed), payload);
}

/** Return the file key that a header gives to the identity `seed`, 32 bytes. Raises OpenError. */
export async function fileKeyOf(header: Bytes, seed: Bytes): Promise<Bytes> {
  const parsed = parse(header);
  const fileKey = await unwrap(parsed.stanzas, seed);
  await checkMac(fileKey, parsed.before, parsed.mac);
  return fileKey;
}

/** Raise OpenError unless the MAC over a header is right under its file key. */
export async function checkMac(fileKey: Bytes, before: Bytes, mac: Bytes): Promise<void> {
  const key = await deriveKey(fileKey, new Uint8Array(0), utf8("header"));
  if (!isSame(await hmac(key, before), mac)) {
    throw altered("the header was altered after it was sealed");
  }
}

function parse(data: Bytes): Header {
  const text = data.length <= HEADER ? String.fromCharCode(...data) : "";
  if (!text.startsWith(VERSION_LINE)) {
    throw altered("this is no header of an age file");
  }
  let rest = text.slice(VERSION_LINE.length);
  const stanzas: Stanza[] = [];
  for (let found = STANZA.exec(rest); found; found = STANZA.exec(rest)) {
    const [line, encapsulated = "", wrapped = ""] = found;
    stanzas.push({
      encapsulated: bytes(encapsulated, ENCAPSULATED_SIZE),
      wrapped: bytes(wrapped, WRAPPED_SIZE),
    });
    rest = rest.slice(line.length);
  }
  const end = END.exec(rest);
  if (stanzas.length === 0 || !end) {
    throw altered("the header is cut off, or of another kind");
  }
  const before = utf8(text.slice(0, text.length - rest.length) + "---");
  return { stanzas, mac: bytes(end[1] ?? "", MAC_SIZE), before };
}

async function unwrap(stanzas: readonly Stanza[], seed: Bytes): Promise<Bytes> {
  for (const { encapsulated, wrapped } of stanzas) {
    let fileKey: Bytes | null;
    try {
      fileKey = await openMessage(seed, INFO, encapsulated, wrapped);
    } catch (error) {
      throw error instanceof KeyTextError ? altered("a share is one that everyone knows") : error;
    }
    if (fileKey) {
      return fileKey;
    }
  }
  throw new OpenError("these words do not open it", "closed");
}

/** Return the plaintext of a small payload: all of it or nothing. Raises OpenError. */
export async function openPayload(fileKey: Bytes, payload: Bytes): Promise<Bytes> {
  if (payload.length < NONCE_SIZE + TAG_SIZE || payload.length > PAYLOAD) {
    throw altered("the payload is cut off, or too long");
  }
  const key = await payloadKey(fileKey, payload.slice(0, NONCE_SIZE));
  const decipher = await opening.decipher(key);
  const sealed = payload.slice(NONCE_SIZE);
  const size = CHUNK_SIZE + TAG_SIZE;
  const count = Math.ceil(sealed.length / size);
  const chunks: Bytes[] = [];
  for (let number = 0; number < count; number += 1) {
    const isLast = number === count - 1;
    const chunk = sealed.slice(number * size, (number + 1) * size);
    // The last chunk is empty only if it is the first.
    if (number > 0 && chunk.length <= TAG_SIZE) {
      throw altered("the last part of the payload is empty");
    }
    try {
      chunks.push(await decipher(chunkNonce(number, isLast), chunk));
    } catch {
      throw altered("the payload is cut off, or altered");
    }
  }
  return concat(...chunks);
}

/** Return the bytes of base64 without padding, in its one spelling. Raises OpenError. */
export function bytes(text: string, size: number): Bytes {
  const found = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  if (found.length !== size || unpadded(found) !== text) {
    throw altered("the header holds a value of a wrong spelling");
  }
  return found;
}

function isSame(one: Bytes, other: Bytes): boolean {
  return one.reduce((differs, byte, at) => differs | (byte ^ (other[at] ?? 256)), 0) === 0;
}

function altered(message: string): OpenError {
  return new OpenError(message, "altered");
}
