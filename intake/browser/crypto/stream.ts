/**
 * The payload of an age file: a nonce, then chunks of 64 KiB under ChaCha20-Poly1305.
 *
 * Source: C2SP age specification, section "Payload". Rules: exactly one chunk is marked as the
 * last; it is empty only if the whole payload is; two chunks are held in memory at a time, or
 * what is given to a `ChunkSealer` at once; one file key seals one payload, ever.
 */
import { primitives } from "../primitives/chosen.ts";
import { type Bytes, concat, utf8 } from "../bytes.ts";
import type { Cipher } from "../primitives/kinds.ts";
import { deriveKey } from "./hkdf.ts";

// All from the specification.
export const FILE_KEY_SIZE = 16;
export const NONCE_SIZE = 16;
export const CHUNK_SIZE = 64 * 1024;
export const TAG_SIZE = 16;
const INFO = utf8("payload");
const COUNTER_SIZE = 11;

/** Return the key of the payload that starts with `nonce`, 16 bytes. */
export function payloadKey(fileKey: Bytes, nonce: Bytes): Promise<Bytes> {
  return deriveKey(fileKey, nonce, INFO);
}

/** Seals one payload, piece by piece; the chunks of a piece are sealed side by side. */
export class ChunkSealer {
  readonly #cipher: Cipher;
  #counter = 0;

  private constructor(cipher: Cipher) {
    this.#cipher = cipher;
  }

  /** Return one for a key of `payloadKey`, which is never used twice. */
  static async of(key: Bytes): Promise<ChunkSealer> {
    return new ChunkSealer(await primitives.cipher(key));
  }

  /**
   * Return the sealed chunks of `piece`: whole chunks, but for the last of the payload, which
   * is empty only if the payload is. The piece is not copied here: leave it as it is meanwhile.
   */
  seal(piece: Bytes, isLast: boolean): Promise<Bytes[]> {
    const count = Math.max(1, Math.ceil(piece.length / CHUNK_SIZE));
    const first = this.#counter;
    this.#counter += count;
    return Promise.all(
      Array.from({ length: count }, (_, at) => {
        const chunk = piece.subarray(at * CHUNK_SIZE, (at + 1) * CHUNK_SIZE);
        return this.#cipher(chunkNonce(first + at, isLast && at === count - 1), chunk);
      }),
    );
  }
}

/**
 * Yield the sealed chunks of the plaintext in `pieces`, which may have any sizes.
 *
 * `key` is that of `payloadKey`, and never used twice.
 */
export async function* sealChunks(
  key: Bytes,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Bytes, void, void> {
  const sealer = await ChunkSealer.of(key);
  let chunk: Bytes | undefined;
  for await (const following of regroup(pieces, CHUNK_SIZE)) {
    if (chunk !== undefined) {
      yield* await sealer.seal(chunk, false);
    }
    chunk = following;
  }
  yield* await sealer.seal(chunk ?? new Uint8Array(0), true);
}

/** Return the payload of one small file: `nonce`, 16 random bytes, and its sealed chunks. */
export async function sealPayload(fileKey: Bytes, nonce: Bytes, plaintext: Bytes): Promise<Bytes> {
  const parts = [nonce];
  for await (const chunk of sealChunks(await payloadKey(fileKey, nonce), [plaintext])) {
    parts.push(chunk);
  }
  return concat(...parts);
}

/** Yield the same bytes in pieces of exactly `size`, only the last one shorter. */
export async function* regroup(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  size: number,
): AsyncGenerator<Bytes, void, void> {
  let held = new Uint8Array(size);
  let filled = 0;
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      const part = piece.subarray(at, at + size - filled);
      held.set(part, filled);
      at += part.length;
      filled += part.length;
      if (filled === size) {
        yield held;
        // A new one: the piece handed out may still be read.
        held = new Uint8Array(size);
        filled = 0;
      }
    }
  }
  if (filled > 0) {
    yield held.slice(0, filled);
  }
}

/** Return the nonce of the chunk of a number, from 0. */
export function chunkNonce(counter: number, isLast: boolean): Bytes {
  const nonce = new Uint8Array(COUNTER_SIZE + 1);
  // Four bytes count 256 TiB.
  new DataView(nonce.buffer).setUint32(COUNTER_SIZE - 4, counter);
  nonce[COUNTER_SIZE] = isLast ? 1 : 0;
  return nonce;
}
