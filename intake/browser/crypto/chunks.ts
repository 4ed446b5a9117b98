/**
 * The payload of an age file of any size, opened piece by piece; as `intake.crypto.stream`.
 *
 * Rules: a chunk is handed out once it is authentic; exactly one is the last, and nothing follows
 * it; the last is empty only if it is the first; what was cut off, or goes on too long, is told
 * apart from what was altered wherever the chunks show it.
 */
import type { Bytes } from "../bytes.ts";
import { AsideError } from "../errors.ts";
import { opening } from "../primitives/chosen.ts";
import type { Decipher } from "../primitives/kinds.ts";
import { CHUNK_SIZE, chunkNonce, NONCE_SIZE, payloadKey, TAG_SIZE } from "./stream.ts";

const SEALED = CHUNK_SIZE + TAG_SIZE;
/** As many chunks as are read at once, and opened side by side: a MiB. */
const TOGETHER = 16;

/** Yield the plaintext of a payload, chunk by chunk. Raises AsideError. */
export async function* openChunks(
  fileKey: Bytes,
  payload: Blob,
): AsyncGenerator<Bytes, void, void> {
  if (payload.size < NONCE_SIZE + TAG_SIZE) {
    throw new AsideError("file_cut");
  }
  const nonce = await read(payload, 0, NONCE_SIZE);
  const decipher = await opening.decipher(await payloadKey(fileKey, nonce));
  const count = Math.ceil((payload.size - NONCE_SIZE) / SEALED);
  for (let first = 0; first < count; first += TOGETHER) {
    const sealed = await read(payload, NONCE_SIZE + first * SEALED, TOGETHER * SEALED);
    const chunks = Array.from({ length: Math.min(TOGETHER, count - first) }, (_, at) =>
      openChunk(decipher, sealed.slice(at * SEALED, (at + 1) * SEALED), first + at, count),
    );
    // Each is waited for, so that none fails unheard.
    for (const found of await Promise.allSettled(chunks)) {
      if (found.status === "rejected") {
        throw found.reason;
      }
      yield found.value;
    }
  }
}

/** Return the whole plaintext of a small payload. Raises AsideError. */
export async function openWhole(fileKey: Bytes, payload: Blob): Promise<Bytes> {
  const whole = new Uint8Array(payload.size);
  let at = 0;
  for await (const chunk of openChunks(fileKey, payload)) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole.slice(0, at);
}

/** Return the bytes of a part of a file, fewer only at its end. Raises AsideError. */
export async function read(file: Blob, at: number, size: number): Promise<Bytes> {
  try {
    return new Uint8Array(await file.slice(at, at + size).arrayBuffer());
  } catch {
    throw new AsideError("unreadable");
  }
}

async function openChunk(
  decipher: Decipher,
  sealed: Bytes,
  number: number,
  count: number,
): Promise<Bytes> {
  const isLast = number === count - 1;
  if (isLast && number > 0 && sealed.length <= TAG_SIZE) {
    throw new AsideError(sealed.length < TAG_SIZE ? "file_cut" : "file_altered");
  }
  const found = await tried(decipher, sealed, number, isLast);
  if (found) {
    return found;
  }
  if (sealed.length === SEALED && (await tried(decipher, sealed, number, !isLast))) {
    throw new AsideError(isLast ? "file_cut" : "file_long");
  }
  throw new AsideError("file_altered");
}

async function tried(
  decipher: Decipher,
  sealed: Bytes,
  number: number,
  isLast: boolean,
): Promise<Bytes | null> {
  return decipher(chunkNonce(number, isLast), sealed).catch(() => null);
}
